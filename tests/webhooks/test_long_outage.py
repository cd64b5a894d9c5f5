"""Six hours without an endpoint, while 5,000 mails arrive: on a clock that a test moves."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import Max
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import NOW, enqueue
from tests.webhooks.relay import THREADS, Relay
from webhooks import outbox
from webhooks.client import Client
from webhooks.models import Attempt, Delivery, State

pytestmark = pytest.mark.django_db

MAILS = 5_000
OUTAGE = timedelta(hours=6)
ARRIVALS = 50  # as many mails at once, all through the outage
# One in thirty seconds, and those until the breaker knew.
MOST_REQUESTS = OUTAGE // timedelta(seconds=30) + 20


class Clock:
    """Everybody's, moved to whatever is due next."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def relay(client: Client, endpoint: Endpoint, tmp_path: Path, clock: Clock) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    yield relay
    relay.close()


def work_until(moment: datetime, relay: Relay, clock: Clock) -> None:
    """All that is due until then, and no later."""
    while True:
        relay.dispatcher.run_until_idle()
        due = outbox.next_due(relay.endpoint())
        if due is None or due > moment:
            clock.move_to(moment)
            return
        clock.move_to(due)


def test_all_mails_of_six_hours_leave_once_when_it_is_over_and_few_requests_before(
    relay: Relay, endpoint: Endpoint, clock: Clock
) -> None:
    endpoint.answer(Answer(status=503))
    for arrival in range(ARRIVALS):
        first = arrival * (MAILS // ARRIVALS)
        names = [f"mail-{first + number}" for number in range(MAILS // ARRIVALS)]
        enqueue(*names, at=clock.now)
        work_until(NOW + OUTAGE * (arrival + 1) / ARRIVALS, relay, clock)
    assert clock.now == NOW + OUTAGE
    assert len(endpoint.requests) <= MOST_REQUESTS
    assert set(Delivery.objects.values_list("state", flat=True)) <= {State.QUEUED, State.RETRY}
    assert Delivery.objects.aggregate(most=Max("failures"))["most"] <= 1

    endpoint.clear()
    endpoint.drop_connections()
    time.sleep(1)  # until the client can see it: its first request must not be lost by it
    before, over = endpoint.connections, clock.now
    endpoint.answer(Answer())
    work_until(over + timedelta(seconds=31), relay, clock)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
    ids = Counter(request.headers["webhook-id"] for request in endpoint.requests)
    assert (len(ids), set(ids.values())) == (MAILS, {1})
    assert endpoint.connections - before <= THREADS
    last = Attempt.objects.aggregate(at=Max("started_at"))["at"]
    assert last - over <= timedelta(seconds=30)
