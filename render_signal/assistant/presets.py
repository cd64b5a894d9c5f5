"""The providers that the assistant knows. Addresses of pages are those of the providers; what is
said of them follows the pages named above each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from render_signal.assistant.providers import OTHER, Provider

YAHOO = ("com", "fr", "co.uk", "de", "es", "it", "ca", "be")

# Google: https://support.google.com/accounts/answer/185833
# Apple: https://support.apple.com/en-us/102654
ENDS_WITH_THE_PASSWORD = _(
    "When you change the password of your account, the application password ends: make a new one."
)

PROVIDERS: tuple[Provider, ...] = (
    # https://support.google.com/mail/answer/7126229
    # https://support.google.com/a/answer/6260879
    Provider(
        id="google",
        label="Gmail, Google Workspace",
        host="imap.gmail.com",
        domains=("gmail.com", "googlemail.com"),
        demands=(
            _("Google refuses your usual password. Switch 2-Step Verification on, make an "
              "application password there and enter its 16 letters here."),
            ENDS_WITH_THE_PASSWORD,
            _("In a Google Workspace an administrator may have switched off application passwords "
              "or IMAP. Then log in by OAuth2, with the command below."),
        ),
        link="https://myaccount.google.com/apppasswords",
        oauth="google",
    ),
    # https://support.microsoft.com/office/8361e398-8af4-4e97-b147-6c6c4ac95353
    # https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/deprecation-of-basic-authentication-exchange-online
    Provider(
        id="microsoft",
        label="Microsoft 365, Outlook.com, Hotmail",
        host="outlook.office365.com",
        domains=("outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr",
                 "msn.com"),
        demands=(
            _("Microsoft takes no passwords for IMAP any more, also no application passwords: log "
              "in by OAuth2, with the command below. It says step by step what to do in the "
              "Microsoft Entra admin center."),
            _("IMAP must be on: for Outlook.com in its settings under Mail, Forwarding and IMAP; "
              "for Microsoft 365 in the Exchange admin center, Manage email apps."),
        ),
        link="https://entra.microsoft.com/",
        oauth="microsoft",
        password=False,
    ),
    Provider(
        id="ovh",
        label="OVHcloud",
        host="ssl0.ovh.net",
        demands=(
            _("The user is the whole address, the password that of the mailbox, as set in the "
              "OVHcloud control panel."),
            _("ssl0.ovh.net serves MX Plan. For Email Pro or Exchange take the server that the "
              "control panel names, such as pro1.mail.ovh.net or ex4.mail.ovh.net."),
        ),
    ),
    Provider(
        id="gandi",
        label="Gandi",
        host="mail.gandi.net",
        demands=(
            _("The user is the whole address, the password that of the mailbox and not that of "
              "your Gandi account."),
        ),
    ),
    # https://www.infomaniak.com/en/support/faq/admin2/email-service
    Provider(
        id="infomaniak",
        label="Infomaniak",
        host="mail.infomaniak.com",
        domains=("ik.me", "etik.com", "ikmail.com"),
        demands=(
            _("Infomaniak wants a password that is made for this one program: in the Manager open "
              "the mail service, choose the address and add a device to it."),
        ),
        link="https://manager.infomaniak.com/",
    ),
    Provider(
        id="ionos",
        label="IONOS",
        host="imap.ionos.fr",
        demands=(
            _("The user is the whole address, the password that of the mailbox and not that of "
              "your IONOS account. Outside France the server has another ending, as in "
              "imap.ionos.com or imap.ionos.de."),
        ),
    ),
    Provider(
        id="orange",
        label="Orange, Wanadoo",
        host="imap.orange.fr",
        domains=("orange.fr", "wanadoo.fr"),
        demands=(
            _("The user is the whole address, the password that of this mail account."),
            _("If it is refused, look at the help pages of Orange for “application ou logiciel de "
              "messagerie non fourni par Orange”: such programs may have to be allowed first."),
        ),
    ),
    Provider(
        id="free",
        label="Free",
        host="imap.free.fr",
        domains=("free.fr",),
        demands=(
            _("The user is what stands before the @ of the address, the password that of the "
              "mailbox."),
        ),
    ),
    Provider(
        id="sfr",
        label="SFR",
        host="imap.sfr.fr",
        domains=("sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr"),
        demands=(_("The user is the whole address, the password that of this mail account."),),
    ),
    # https://aide.laposte.net/contents/pourquoi-mon-adresse-a-t-elle-ete-gelee-et-que-dois-je-faire-pour-la-reactiver
    Provider(
        id="laposte",
        label="La Poste (laposte.net)",
        host="imap.laposte.net",
        domains=("laposte.net",),
        demands=(
            _("The user is the whole address, the password that of this mail account."),
            _("A mailbox that nobody has opened for months may be frozen: log in once on "
              "laposte.net."),
        ),
    ),
    # https://support.apple.com/en-us/102525
    Provider(
        id="icloud",
        label="iCloud",
        host="imap.mail.me.com",
        domains=("icloud.com", "me.com", "mac.com"),
        demands=(
            _("Apple refuses your usual password. In your Apple account, under Sign-In and "
              "Security, make an app-specific password and enter it here."),
            ENDS_WITH_THE_PASSWORD,
            _("If the login is refused all the same, enter as the user only what stands before "
              "the @."),
        ),
        link="https://account.apple.com/",
    ),
    # https://help.yahoo.com/kb/SLN4075.html
    Provider(
        id="yahoo",
        label="Yahoo",
        host="imap.mail.yahoo.com",
        domains=(*(f"yahoo.{end}" for end in YAHOO), "ymail.com", "rocketmail.com"),
        demands=(
            _("Yahoo refuses your usual password. In your account, under Security, make an "
              "application password and enter it here."),
        ),
        link="https://login.yahoo.com/account/security",
    ),
    # https://www.fastmail.com/help/technical/servernamesandports.html
    # https://www.fastmail.com/help/clients/apppassword.html
    Provider(
        id="fastmail",
        label="Fastmail",
        host="imap.fastmail.com",
        domains=("fastmail.com", "fastmail.fm"),
        demands=(
            _("Fastmail refuses your usual password. In its settings, under Privacy & Security, "
              "make an application password that may use IMAP."),
            _("The Basic plan of Fastmail has no IMAP."),
        ),
    ),
    Provider(
        id="proton",
        label="Proton Mail (Bridge)",
        host="127.0.0.1",
        port=1143,
        security="starttls",
        domains=("proton.me", "protonmail.com", "pm.me"),
        demands=(
            _("Proton has no IMAP of its own: its program Bridge, for paid plans, must run on the "
              "machine where runpoller does. On Render that is not possible."),
            _("User and password are those that Bridge shows, not those of your Proton account."),
            _("Bridge signs its certificate itself, and certificates are always verified here: "
              "export it in the settings of Bridge and name the file in the variable "
              "SSL_CERT_FILE of the web process and of runpoller."),
        ),
    ),
    # https://www.zoho.com/mail/help/imap-access.html
    # https://www.zoho.com/mail/zohomail-pricing.html
    Provider(
        id="zoho",
        label="Zoho Mail",
        host="imap.zoho.eu",
        domains=("zoho.com", "zohomail.com", "zoho.eu", "zohomail.eu"),
        demands=(
            _("IMAP must be on: in Zoho Mail under Settings, Mail Accounts, IMAP Access. With "
              "two-factor authentication make an application-specific password. The free plan for "
              "a domain of your own has no IMAP."),
            _("imap.zoho.eu serves personal accounts in Europe, imap.zoho.com those elsewhere; "
              "for addresses of your own domain it is imappro.zoho.eu or imappro.zoho.com."),
        ),
    ),
    Provider(
        id=OTHER,
        label=_("Another one"),
        demands=(
            _("Look for “IMAP” in the help of your provider: it names the server, mostly "
              "imap.example.com or mail.example.com, with port 993 and TLS."),
            _("The user is mostly the whole address. Where the login has a second step, the "
              "provider mostly wants an application password."),
        ),
    ),
)  # fmt: skip
