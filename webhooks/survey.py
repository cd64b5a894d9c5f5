"""The endpoints and what is due for them, seen again and again by who sends to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.store import ConfigStore
from runtime.clock import passed
from webhooks import journal, outbox
from webhooks.destinations import Destination, destinations
from webhooks.endpoints import Endpoint

AGAIN_SECONDS = 0.1
WAITING_SECONDS = 10.0


class Survey:
    """What was seen a moment ago is taken for what is, until forget() is called: to see all of it
    costs about as much as to send a webhook to each endpoint."""

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self._found: Sequence[Destination] = ()
        self._due: dict[str, datetime | None] = {}
        self._seen_at: datetime | None = None
        self._old = False
        self._waiting: set[str] = set()
        self._waiting_at: datetime | None = None

    def destinations(self, zone: ZoneInfo, now: datetime) -> Sequence[Destination]:
        """Raises what the function of this name does."""
        if passed(self._waiting_at, WAITING_SECONDS, now):
            outbox.catch_up(now)
            self._waiting_at, self._waiting = now, journal.waiting_endpoints()
        if self._old or passed(self._seen_at, AGAIN_SECONDS, now):
            self._old = False
            self._due.clear()
            self._found = destinations(self._store, zone, now, self._waiting)
            self._seen_at = now
        return self._found

    def next_due(self, endpoint: Endpoint, sources: Collection[str] | None) -> datetime | None:
        """As of outbox."""
        if endpoint.id not in self._due:
            self._due[endpoint.id] = outbox.next_due(endpoint, sources)
        return self._due[endpoint.id]

    def forget(self) -> None:
        """Something else may be true by now. From any thread."""
        self._old = True

    def forget_due(self, endpoint: Endpoint) -> None:
        """Something else may be due for this endpoint by now."""
        self._due.pop(endpoint.id, None)
