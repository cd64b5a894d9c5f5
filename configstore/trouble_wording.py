"""Sentences about mailboxes and endpoints in trouble, for wording: see there."""

from __future__ import annotations

from configstore.fields import translatable as _

TROUBLE_SENTENCES = (
    # what is missing
    _("No mailbox is set up: set IMAP_SERVER, EMAIL_ADDRESS and EMAIL_PASSWORD, or imap_host, "
      "imap_user and imap_password in polling_config"),
    _("It is not set up: %(document)s, or the environment, lacks %(fields)s; `%(command)s` gets "
      "it"),
    _("It is not set up: %(document)s, or the environment, lacks %(fields)s"),
    _("It is not set up: %(document)s lacks %(fields)s; `%(command)s` gets it"),
    _("It is not set up: %(document)s lacks %(fields)s"),
    _("It is not served: it is the same folder of the same account as mailbox %(name)s"),
    # why there is no connection
    _("IMAP connection failed: %(server)s does not speak IMAP, it says %(said)s. Check imap_host, "
      "imap_port and imap_security (IMAP_SERVER, IMAP_PORT and IMAP_USE_SSL)."),
    _("IMAP %(phase)s timeout after %(seconds)s s: %(server)s does not answer in time. Check "
      "imap_host, imap_port and imap_security (IMAP_SERVER, IMAP_PORT and IMAP_USE_SSL)."),
    _("IMAP %(phase)s timeout after %(seconds)s s: %(server)s does not answer in time"),
    _("IMAP %(phase)s timeout: %(server)s does not answer"),
    _("IMAP %(phase)s failed: the certificate of %(host)s is not trusted (%(problem)s). Check the "
      "server name; certificates are always verified."),
    _("IMAP %(phase)s failed: the host name %(host)s is unknown. Check imap_host (IMAP_SERVER)."),
    _("IMAP %(phase)s failed: %(host)s is no host name. Check imap_host (IMAP_SERVER)."),
    _("IMAP %(phase)s failed: %(server)s does not speak TLS. Check imap_port and imap_security "
      "(IMAP_PORT and IMAP_USE_SSL): 993 is the usual port for tls, 143 for starttls."),
    _("IMAP %(phase)s failed: %(server)s refuses the connection. Check imap_host and imap_port "
      "(IMAP_SERVER and IMAP_PORT)."),
    _("IMAP connection failed: %(host)s does not offer STARTTLS, and the password is not sent in "
      "clear. Set imap_security to tls and imap_port to 993 if the server has that."),
    # why there is no login
    _("IMAP login failed: %(host)s is busy: %(said)s"),
    _("IMAP login failed: %(host)s ended it: %(said)s"),
    _("IMAP login failed: %(host)s refuses the user name or password (%(said)s). Check imap_user "
      "and imap_password (EMAIL_ADDRESS and EMAIL_PASSWORD). Many providers want an application "
      "password; Google and Microsoft 365 want OAuth2: see `manage.py mailboxlogin`."),
    _("IMAP login failed: %(host)s takes no password on a connection in clear. Set imap_security "
      "to starttls, or to tls with imap_port 993."),
    _("IMAP login failed: %(host)s offers no login by password that we know, but OAuth2: run "
      "`%(command)s`"),
    _("IMAP login failed: %(host)s offers no login by password that we know"),
    _("IMAP login failed: %(host)s refuses the access token of %(user)s (%(said)s). Check "
      "imap_user (EMAIL_ADDRESS) and that IMAP is allowed for this account; to log in as another "
      "user, run `%(command)s`."),
    _("IMAP login failed: the user name or password contains a line break or another control "
      "character"),
    # why there is no folder
    _("IMAP SELECT failed: no such folder (%(said)s)"),
    # why no mail is read now
    _("polling is switched off (enable_polling)"),
    _("vacation until it is changed inclusive"),
    _("vacation until %(day)s inclusive"),
    _("not an active day"),
    _("outside the active hours %(start)s to %(end)s"),
    # why an endpoint does not take a webhook
    _("no complete answer within %(seconds)s s"),
    _('the answer says "success": false'),
    _("the webhook URL cannot be used: %(fault)s"),
    _("it must start with https:// and name a host"),
    _("it must not contain a user name or password"),
    _("port %(port)s belongs to another service than HTTPS"),
    _("%(host)s is at %(address)s, which webhooks may not reach; allow its network in "
      "EGRESS_ALLOWED_CIDRS if that is intended"),
    _("plain http to %(host)s is refused: use https, or allow its network in "
      "EGRESS_ALLOWED_CIDRS"),
)  # fmt: skip
