"""Looking at the endpoints for what people are to be told."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.store import ConfigStore
from webhooks import journal
from webhooks.alerts.models import Alert
from webhooks.alerts.rules import COMMIT, DAY
from webhooks.alerts.trouble import Kind, Sight
from webhooks.destinations import Destination, destinations

NONE: tuple[int, datetime | None] = (0, None)


class Lookout:
    """Remembers when each endpoint was last held on purpose: what has waited for hours because
    of that is not too old the moment it may leave. For a process that has just begun, that
    moment is its beginning."""

    def __init__(self) -> None:
        self._held_at: dict[str, datetime] = {}

    def look(self, store: ConfigStore, zone: ZoneInfo, now: datetime) -> list[Sight]:
        """Raises ConfigurationUnknown."""
        waiting = journal.waiting_by_endpoint()
        found = destinations(store, zone, now, waiting.keys())
        return [self._sight(each, *waiting.get(each.name, NONE), now) for each in found]

    def _sight(
        self, destination: Destination, waiting: int, oldest: datetime | None, now: datetime
    ) -> Sight:
        name, endpoint, pause = destination.name, destination.endpoint, destination.pause
        held = pause is not None and pause.urgency <= logging.INFO
        if held or name not in self._held_at:
            self._held_at[name] = now
        state, fault = destination.state, destination.fault
        dead, reason = journal.died(name, _told(name, now) - COMMIT, now - COMMIT)
        return Sight(
            endpoint=name,
            host=endpoint.host if endpoint else "",
            failures=state.failures if state else 0,
            failing_since=state.failing_since if state else None,
            error=state.last_error if state else "",
            fault=fault.reason if fault and fault.urgency >= logging.ERROR else "",
            waiting=waiting,
            waiting_since=None if held or not oldest else max(oldest, self._held_at[name]),
            hold=pause.reason if pause else "",
            dead=dead,
            dead_reason=reason,
        )


def _told(endpoint: str, now: datetime) -> datetime:
    """When people were last told of dead letters; who was never told hears of a day's."""
    return Alert.last_told(Kind.DEAD, endpoint) or now - DAY
