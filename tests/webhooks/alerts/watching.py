"""The watch over deliveries, driven by a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from django.db import connection

from configstore.backends.base import JSONObject
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of
from tests.webhooks.examples import (
    FAILED,
    NOW,
    SCHEDULE,
    NoJitter,
    after,
    endpoint,
)
from webhooks import outbox
from webhooks.alerts.models import Notice
from webhooks.alerts.watch import Watch
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.models import WAITING, Delivery, EndpointState
from webhooks.settlement import Finished, settle

MINUTES = 60.0
HOURS = 3600.0
DAYS = 24 * HOURS


def notice() -> Notice:
    return Notice.objects.latest("pk")


class Watched:
    """A watch with its documents, and what it has told by the webhook."""

    def __init__(self, stop: Stop, url: str, receiver: str | None) -> None:
        self.stored = Memory()
        self.stored.documents = {
            "webhook_config": {"webhook_url": url},
            "processing_prefs": {"notify_on_failure": True, "alert_webhook_url": receiver},
        }
        self._stop = stop
        self.restart()

    def restart(self) -> None:
        self._store = store_of(self.stored)
        self.watch = Watch(self._store, self._stop)

    def configure(self, **changes: JSONObject) -> None:
        """webhook_config={…} and the like, over what there is."""
        for name, fields in changes.items():
            key = name.replace("__", ":")
            self.stored.documents[key] = self.stored.documents.get(key, {}) | fields
        self._store.refresh()

    def run(self) -> None:
        """In a thread, as the process does."""
        try:
            self.watch.run()
        finally:
            connection.close()

    def stop(self) -> None:
        self._stop.set()
        self.watch.cut()

    def look(self, at: datetime = NOW) -> list[str]:
        """The kinds of what is told by this look, by any channel."""
        before = set(Notice.objects.values_list("pk", flat=True))
        self.watch.step(at)
        new = Notice.objects.exclude(pk__in=before).order_by("pk")
        return list(dict.fromkeys(new.values_list("kind", flat=True)))


@contextmanager
def watched(url: str, receiver: str | None = None) -> Iterator[Watched]:
    with closing(Stop()) as stop:
        yield Watched(stop, url, receiver)


def tried(to: Endpoint, *results: Result, at: datetime = NOW) -> None:
    """A delivery that waits is tried, one for each result."""
    for result in results:
        Delivery.objects.filter(state__in=WAITING).update(due_at=at)
        EndpointState.objects.update(probe_at=at)
        (got,) = outbox.claim(to, 1, at)
        settle([Finished(got, to, result, at)], SCHEDULE, NoJitter())


def failing(relay: Watched, at: float = 0.0) -> None:
    tried(endpoint(), *[FAILED] * 4, at=after(at))
