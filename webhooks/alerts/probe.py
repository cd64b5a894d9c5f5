"""The button that sends a test alert by each channel, saved settings or not."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.documents import ProcessingPrefs
from configstore.probes import Answer, Probe, register, register_rule
from configstore.wording import translated
from webhooks.alerts.notify import Bulletin, Messenger, Outcome, channels, recipients
from webhooks.alerts.rules import notice_id
from webhooks.alerts.trouble import Channel, Kind
from webhooks.endpoints import DEFAULT
from webhooks.probe import fault_of_address

# By two channels, one after the other.
LONGEST_SECONDS = 12.0


def try_alerts(name: str, prefs: ProcessingPrefs) -> Answer:
    """Nothing of it is in the list of alerts."""
    ways = channels(prefs)
    if not ways:
        return Answer(ok=False, sentence=_nobody(prefs))
    messenger, sample = Messenger(LONGEST_SECONDS), _sample()
    outcomes = {way: messenger.send(way, sample, prefs) for way in ways}
    facts = [(str(way.label), _what_came_of(way, outcomes[way], prefs)) for way in ways]
    if Channel.MAIL not in ways:
        facts.append((str(Channel.MAIL.label), _no_mail()))
    if all(outcome.told for outcome in outcomes.values()):
        return Answer(ok=True, sentence=_("The test alert was sent."), facts=tuple(facts))
    return Answer(ok=False, sentence=_("The test alert did not get through."), facts=tuple(facts))


def _sample() -> Bulletin:
    now = timezone.now()
    return Bulletin(
        id=notice_id(Kind.TEST, DEFAULT, now),
        kind=Kind.TEST,
        endpoint=DEFAULT,
        sentence=_("This is a test. If you can read it, alerts arrive."),
        count=0,
        at=now,
    )


def _what_came_of(way: Channel, outcome: Outcome, prefs: ProcessingPrefs) -> str:
    if outcome.error:
        return translated(outcome.error)
    return ", ".join(recipients(prefs)) if way is Channel.MAIL else _("taken")


def _nobody(prefs: ProcessingPrefs) -> str:
    return _("There is nobody to tell: enter the address of an alert webhook. %(mail)s") % {
        "mail": _no_mail()
    }


def _no_mail() -> str:
    if not settings.ALERT_SMTP:
        return _("No mail is sent: ALERT_SMTP_URL is not set.")
    return _("No mail is sent: no address is entered, and no superuser has one.")


def register_probes() -> None:
    register_rule(ProcessingPrefs.NAME, "alert_webhook_url", fault_of_address)
    register(
        Probe(
            id="alerts",
            kind=ProcessingPrefs.NAME,
            field="alert_webhook_url",
            label=gettext_lazy("Send a test alert"),
            run=try_alerts,
        )
    )
