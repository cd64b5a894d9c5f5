"""The endpoints, looked at again and again by who sends to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.store import ConfigStore
from runtime.clock import passed
from webhooks import journal, outbox
from webhooks.destinations import Destination, destinations

AGAIN_SECONDS = 0.1
WAITING_SECONDS = 10.0


class Lookout:
    """What was seen a moment ago is taken for what is, unless the one who asks knows better: each
    look costs about as much as it does to send a webhook."""

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self._found: Sequence[Destination] = ()
        self._found_at: datetime | None = None
        self._waiting: set[str] = set()
        self._waiting_at: datetime | None = None

    def look(self, zone: ZoneInfo, now: datetime) -> Sequence[Destination]:
        """Raises what destinations() does."""
        if passed(self._waiting_at, WAITING_SECONDS, now):
            outbox.catch_up(now)
            self._waiting_at, self._waiting = now, journal.waiting_endpoints()
        if passed(self._found_at, AGAIN_SECONDS, now):
            self._found = destinations(self._store, zone, now, self._waiting)
            self._found_at = now
        return self._found

    def forget(self) -> None:
        """Something of it has changed."""
        self._found_at = None
