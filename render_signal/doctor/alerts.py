"""Whether anybody would hear of trouble."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import ProcessingPrefs
from configstore.wording import translated
from render_signal.doctor.finding import Finding, green, red, yellow
from runtime.smtp import Mailer, MailNotSent, SmtpServer
from webhooks.alerts.notify import channels
from webhooks.alerts.unheard import unheard

SECONDS = 6.0


def alerts() -> Iterator[Finding]:
    prefs = config_store().get(ProcessingPrefs)
    if settings.ALERT_SMTP:
        yield _mail_server(settings.ALERT_SMTP)
    if nobody := unheard(prefs):
        yield yellow(nobody.sentence, nobody.advice)
        return
    names = {"ways": ", ".join(str(way.label) for way in channels(prefs))}
    yield green(_("People are told of alerts %(ways)s.") % names)


def _mail_server(server: SmtpServer) -> Finding:
    """Up to the login; no mail is sent."""
    try:
        Mailer(SECONDS).greet(server)
    except MailNotSent as exc:
        return red(
            _("The mail server of alerts is of no use: %(reason)s.")
            % {"reason": translated(str(exc))},
            _("Correct ALERT_SMTP_URL; `Send a test alert` in the admin tries it."),
        )
    host = {"host": server.host}
    return green(_("The mail server of alerts, %(host)s, lets us in.") % host)
