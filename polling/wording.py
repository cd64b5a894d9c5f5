"""What is wrong with a mailbox or a mail, for pages to tell in the language of their reader."""

from __future__ import annotations

from configstore.fields import translatable as _

NESTED = ("phase", "imap_fault", "token_fault")
SENTENCES = (
    # what was being done; other phases are commands of IMAP
    _("connection"),
    _("login"),
    # a mailbox that is not served
    _("No mailbox is set up: set IMAP_SERVER, EMAIL_ADDRESS and EMAIL_PASSWORD, or imap_host, "
      "imap_user and imap_password in polling_config"),
    _("It is not served: it is the same folder of the same account as mailbox %(name)s"),
    _("It is not set up: %(name)s, or the environment, lacks %(fields)s; `manage.py mailboxlogin "
      "%(mailbox)s` gets it"),
    _("It is not set up: %(name)s, or the environment, lacks %(fields)s"),
    _("It is not set up: %(name)s lacks %(fields)s; `manage.py mailboxlogin %(mailbox)s` gets it"),
    _("It is not set up: %(name)s lacks %(fields)s"),
    # why no mail is read now
    _("polling is switched off (enable_polling)"),
    _("vacation until it is changed"),
    _("vacation until %(date)s inclusive"),
    _("not an active day"),
    _("outside the active hours %(start)s to %(end)s"),
    # how a session ends
    _("IMAP %(phase)s timeout after %(seconds)s s: %(server)s does not answer in time. Check "
      "imap_host, imap_port and imap_security (IMAP_SERVER, IMAP_PORT and IMAP_USE_SSL)."),
    _("IMAP %(phase)s timeout after %(seconds)s s: %(server)s does not answer in time"),
    _("IMAP %(phase)s timeout: %(server)s does not answer"),
    _("IMAP %(phase)s failed: %(imap_fault)s"),
    # what failed, after "IMAP … failed: "
    _("unreadable answer (%(error)s)"),
    _("%(server)s does not speak IMAP, it says %(text)s. Check imap_host, imap_port and "
      "imap_security (IMAP_SERVER, IMAP_PORT and IMAP_USE_SSL)."),
    _("the folder is read-only for this account"),
    _("the certificate of %(host)s is not trusted (%(problem)s). Check the server name; "
      "certificates are always verified."),
    _("the host name %(host)s is unknown. Check imap_host (IMAP_SERVER)."),
    _("%(server)s does not speak TLS. Check imap_port and imap_security (IMAP_PORT and "
      "IMAP_USE_SSL): 993 is the usual port for tls, 143 for starttls."),
    _("%(server)s refuses the connection. Check imap_host and imap_port (IMAP_SERVER and "
      "IMAP_PORT)."),
    _("%(host)s does not offer STARTTLS, and the password is not sent in clear. Set imap_security "
      "to tls and imap_port to 993 if the server has that."),
    _("%(host)s is no host name. Check imap_host (IMAP_SERVER)."),
    _("the user name or password has characters that cannot be sent. Check imap_user and "
      "imap_password (EMAIL_ADDRESS and EMAIL_PASSWORD)."),
    _("the name of the folder cannot be sent. Check imap_folder."),
    _("%(host)s has logged the connection in already"),
    _("%(host)s is busy: %(text)s"),
    _("%(host)s ended it: %(text)s"),
    _("%(host)s refuses the user name or password (%(text)s). Check imap_user and imap_password "
      "(EMAIL_ADDRESS and EMAIL_PASSWORD). Many providers, Google too, want an application "
      "password; Microsoft 365 wants OAuth2: see `manage.py mailboxlogin`."),
    _("%(host)s refuses the access token of %(user)s (%(text)s). Check imap_user (EMAIL_ADDRESS) "
      "and that IMAP is allowed for this account; to log in as another user, run `manage.py "
      "mailboxlogin %(mailbox)s`."),
    _("%(host)s takes no password on a connection in clear. Set imap_security to starttls, or to "
      "tls with imap_port 993."),
    _("%(host)s does not offer PLAIN. Set imap_auth to auto."),
    _("%(host)s offers no login by password that we know, but OAuth2: run `manage.py mailboxlogin "
      "%(mailbox)s`"),
    _("%(host)s offers no login by password that we know"),
    _("LOGIN takes ASCII characters only, and the user name or password has others. Set imap_auth "
      "to plain, or change them."),
    _("the user name or password contains a line break or another control character"),
    _("no such folder (%(text)s)"),
    _("the server takes no marks in folder %(folder)s (%(text)s). Mails are relayed all the same, "
      "but only the database remembers which: allow the account to set flags."),
    _("%(field)s of %(name)s cannot be read: %(fault)s"),
    # what a token endpoint did
    _("%(token_fault)s. Run `manage.py mailboxlogin %(mailbox)s` to log in again."),
    _("%(host)s has had enough requests (%(codes)s)"),
    _("%(host)s gives no token at the moment (%(codes)s)"),
    _("%(host)s does not accept the refresh token any more (%(codes)s)"),
    _("%(host)s does not accept the client (%(codes)s). Check oauth_client_id and "
      "oauth_client_secret (EMAIL_OAUTH_CLIENT_ID and EMAIL_OAUTH_CLIENT_SECRET)."),
    _("%(host)s does not accept the request (%(codes)s). Check oauth_provider, oauth_tenant and "
      "oauth_scope (EMAIL_OAUTH_PROVIDER, EMAIL_OAUTH_TENANT and EMAIL_OAUTH_SCOPE)."),
    _("%(host)s does not answer as a token endpoint does (%(codes)s). Check oauth_token_url and "
      "oauth_tenant (EMAIL_OAUTH_TOKEN_URL and EMAIL_OAUTH_TENANT)."),
    _("%(host)s answers without an access token"),
    _("%(host)s gives tokens that are no Bearer tokens"),
    _("the address of the token endpoint cannot be used: %(url_fault)s. Check oauth_token_url "
      "(EMAIL_OAUTH_TOKEN_URL)"),
    _("there is no trusted TLS connection to %(host)s"),
    _("no answer from the token endpoint at %(host)s within %(seconds)s s"),
    _("no answer from the token endpoint at %(host)s (%(error)s)"),
    # what is wrong with a mail
    _("its UID %(uid)s belongs to another mail by now"),
)  # fmt: skip
