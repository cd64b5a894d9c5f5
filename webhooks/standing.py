"""What a delivery waits for, in a sentence, as people read it in the journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from configstore.documents import PollingConfig
from configstore.store import ConfigStore, ConfigurationUnknown
from configstore.wording import translated
from webhooks.destinations import Destination, destinations
from webhooks.models import WAITING, Delivery, State
from webhooks.pause import Pause
from webhooks.remedy import Remedy, remedy
from webhooks.retry import FAILURES_TO_OPEN
from webhooks.suspension import suspended


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What holds each endpoint, asked once for all rows of a page; faults are what will hold it
    still when its pause is over. unknown: nobody can tell."""

    now: datetime
    zone: ZoneInfo
    pauses: Mapping[str, Pause]
    probes: Mapping[str, datetime]
    faults: Mapping[str, Pause] = field(default_factory=dict)
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    unknown: bool = False

    def of(self, delivery: Delivery) -> str:
        """What it waits for; why it has ended, if it has."""
        if delivery.state == State.SENDING:
            return _("it is being sent")
        if delivery.state not in WAITING:
            return translated(delivery.reason)
        if self.unknown:
            return _("what holds it is not known: the settings cannot be read")
        if held := self.held(delivery.endpoint):
            return held
        if settings.R2_FETCH_ENABLED and delivery.offload and not delivery.attempts:
            return _("its files are transferred first")
        if delivery.due_at <= self.now:
            return _("it is due now")
        return _("next try at %(moment)s") % {"moment": self.moment(delivery.due_at)}

    def state_of(self, delivery: Delivery) -> str:
        """In a word. What a paused endpoint holds waits for a person, not for its next try."""
        if delivery.state in WAITING and self._is_suspended(delivery.endpoint):
            return pgettext("delivery", "suspended")
        return str(delivery.get_state_display())

    def _is_suspended(self, endpoint: str) -> bool:
        holds = (self.pauses.get(endpoint), self.faults.get(endpoint))
        return any(hold is not None and hold.resumable for hold in holds)

    def held(self, endpoint: str) -> str:
        """What keeps all deliveries to it from leaving, "" for nothing."""
        if pause := self.pauses.get(endpoint):
            return self._held(pause, self.faults.get(endpoint))
        probe = self.probes.get(endpoint)
        if probe is None:
            return ""
        if probe <= self.now:
            return _("the endpoint is failing, and asked again now")
        text = _("the endpoint is failing, and asked again at %(moment)s")
        return text % {"moment": self.moment(probe)}

    def remedy(self, delivery: Delivery) -> Remedy | None:
        """What lets it go, if anything holds it or it waits for a retry."""
        found = self.remedies.get(delivery.endpoint) if delivery.state in WAITING else None
        return found if self.held(delivery.endpoint) or delivery.due_at > self.now else None

    def _held(self, pause: Pause, fault: Pause | None) -> str:
        if pause.resumable:
            return suspended(pause.reason)
        until = self.moment(pause.until) if pause.until else ""
        facts = {"reason": translated(pause.reason), "moment": until}
        if not until:
            return _("held until somebody acts: %(reason)s") % facts
        held = _("held: %(reason)s, until %(moment)s") % facts
        if fault is None:
            return held
        facts = {"held": held, "fault": translated(fault.reason)}
        return _("%(held)s; and after that until somebody acts: %(fault)s") % facts

    def moment(self, at: datetime) -> str:
        """On the clock of the people who made the settings; its name goes with it where the page
        has another."""
        text = formats.date_format(at.astimezone(self.zone), "DATETIME_FORMAT")
        return text if self.zone.key == timezone.get_current_timezone_name() else (
            f"{text} ({self.zone.key})"
        )  # fmt: skip


def standing(store: ConfigStore, endpoints: Collection[str], now: datetime) -> Standing:
    """Of these endpoints, which have deliveries waiting."""
    if not endpoints:
        return Standing(now=now, zone=ZoneInfo(settings.TIME_ZONE), pauses={}, probes={})
    try:
        zone = ZoneInfo(store.get(PollingConfig).timezone)
        found = destinations(store, zone, now, endpoints)
    except ConfigurationUnknown:
        zone = ZoneInfo(settings.TIME_ZONE)
        return Standing(now=now, zone=zone, pauses={}, probes={}, unknown=True)
    return Standing(
        now=now,
        zone=zone,
        pauses={each.name: each.pause for each in found if each.pause},
        faults={each.name: each.fault for each in found if each.fault and _is_outranked(each)},
        remedies={each.name: known for each in found if (known := remedy(each))},
        probes={
            each.name: each.state.probe_at
            for each in found
            if each.state and each.state.probe_at and each.state.failures >= FAILURES_TO_OPEN
        },
    )


def _is_outranked(destination: Destination) -> bool:
    """Whether its fault is hidden by a pause that is over sooner."""
    return destination.fault != destination.pause


def waiting_endpoints(deliveries: Collection[Delivery]) -> set[str]:
    return {delivery.endpoint for delivery in deliveries if delivery.state in WAITING}
