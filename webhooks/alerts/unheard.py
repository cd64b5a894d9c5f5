"""Whether nobody hears of alerts, in the language of who asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from configstore.documents import ProcessingPrefs
from configstore.labels import by_label
from webhooks.alerts.notify import channels


@dataclass(frozen=True, kw_only=True)
class Unheard:
    """Why nobody is told, what to do about it, and the field of the processing preferences that
    does it."""

    sentence: str
    advice: str
    field: str


def unheard(prefs: ProcessingPrefs) -> Unheard | None:
    """None if somebody is told."""
    if not prefs.notify_on_failure:
        return Unheard(
            sentence=by_label(_("Nobody is told of alerts: notify_on_failure is off.")),
            advice=_("Switch it on in the processing preferences."),
            field="notify_on_failure",
        )
    if not channels(prefs):
        return Unheard(
            sentence=_(
                "Nobody is told of alerts: no mail server with an address is set, and no alert "
                "webhook."
            ),
            advice=by_label(
                _("Enter alert_webhook_url, or set ALERT_SMTP_URL and enter alert_emails.")
            ),
            field="alert_webhook_url",
        )
    return None
