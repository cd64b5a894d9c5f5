"""What waits for each endpoint, what holds it, and what is dead. A few queries."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from configstore.documents import PollingConfig
from configstore.store import ConfigStore, ConfigurationUnknown
from webhooks import journal
from webhooks.alerts.rules import OVERDUE
from webhooks.destinations import NOT_LISTED, Destination, destinations
from webhooks.retry import FAILURES_TO_OPEN, FAILURES_TO_TELL


@dataclass(frozen=True, kw_only=True)
class Dead:
    """Deliveries to one endpoint that are dead for one reason. first is when one of them died."""

    endpoint: str
    reason: str
    count: int
    first: datetime | None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """waiting counts what is being sent, too; due is when the first of it is. destination None:
    the settings are not known."""

    name: str
    now: datetime
    waiting: int = 0
    oldest: datetime | None = None
    due: datetime | None = None
    destination: Destination | None

    @property
    def paused(self) -> str:
        """Why it waits until a person resumes it."""
        state = self.destination.state if self.destination else None
        return state.paused if state else ""

    @property
    def fault(self) -> str:
        """What somebody has to mend, a pause aside; a missing address once something waits."""
        fault = self.destination.fault if self.destination else None
        if fault is None or self.paused == fault.reason:
            return ""
        urgent = fault.urgency >= (logging.WARNING if self.waiting else logging.ERROR)
        return fault.reason if urgent else ""

    @property
    def failing(self) -> bool:
        state = self.destination.state if self.destination else None
        return state is not None and state.failures >= FAILURES_TO_TELL and not state.paused

    @property
    def stumbling(self) -> bool:
        """Something waits because it has failed, not yet as often as people are told of."""
        state = self.destination.state if self.destination else None
        failures = state.failures if state and not state.paused else 0
        return bool(self.waiting) and 0 < failures < FAILURES_TO_TELL

    @property
    def resumable(self) -> bool:
        """Whether a person may have what waits tried at once."""
        state = self.destination.state if self.destination else None
        if state is None or not (self.paused or state.failures):
            return False
        pause = self.destination.pause if self.destination else None
        return pause is None or pause.reason == state.paused

    @property
    def asked(self) -> datetime | None:
        """When one that fails is asked again: by a probe, or when the first delivery is due."""
        state = self.destination.state if self.destination else None
        probed = state is not None and state.failures >= FAILURES_TO_OPEN
        return state.probe_at if probed and state else self.due

    @property
    def held(self) -> bool:
        """As somebody wants it, or until somebody acts."""
        return self.destination is not None and self.destination.pause is not None

    @property
    def listed(self) -> bool:
        """Whether it has a page; where nobody knows, the page says so."""
        pause = self.destination.pause if self.destination else None
        return pause is None or pause.reason != NOT_LISTED

    @property
    def overdue(self) -> bool:
        """Something should have left long ago, and nothing is known to hold it."""
        if self.destination is None or self.held or self.failing or self.due is None:
            return False
        return self.now - self.due > OVERDUE


def queues(store: ConfigStore, now: datetime) -> list[Queue]:
    """All endpoints that are listed, and others that something waits for."""
    counts = journal.open_by_endpoint()
    found: Sequence[Destination] = ()
    try:
        zone = ZoneInfo(store.get(PollingConfig).timezone)
        found = destinations(store, zone, now, counts.keys())
    except ConfigurationUnknown:
        pass  # told where it belongs; what waits is shown all the same
    known = {each.name: each for each in found}
    return [
        Queue(name=name, now=now, destination=known.get(name), **_waiting(counts.get(name)))
        for name in {**known, **counts}
    ]


def _waiting(counts: tuple[int, datetime, datetime] | None) -> dict[str, Any]:
    return dict(zip(("waiting", "oldest", "due"), counts or (), strict=False))


def dead() -> list[Dead]:
    """The most frequent first."""
    return [
        Dead(endpoint=endpoint, reason=reason, count=count, first=first)
        for endpoint, reason, count, first in journal.dead_by_reason()
    ]
