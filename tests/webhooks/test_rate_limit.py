"""No more webhooks in an hour than the settings say; the others wait."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from configstore.documents import ProcessingPrefs
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import enqueue
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.holds import limits, room
from webhooks.models import Attempt, Delivery, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay(client: Client, endpoint: Endpoint, tmp_path: Path) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    relay.file.write("processing_prefs", {"rate_limit_per_hour": 2})
    relay.store.current(ProcessingPrefs)
    yield relay
    relay.close()


def delivered() -> int:
    return Delivery.objects.filter(state=State.DELIVERED).count()


def test_what_is_over_the_limit_waits_for_its_hour(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    enqueue("a", "b", "c", "d", "e", at=timezone.now())
    relay.until(lambda: delivered() == 2)
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    assert len(endpoint.requests) == 2
    assert "2 webhooks have left within the hour, and 2 may, until" in caplog.text
    Attempt.objects.update(started_at=timezone.now() - timedelta(hours=1))
    relay.until(lambda: delivered() == 4)
    assert len(endpoint.requests) == 4


def tried(now: datetime, *minutes: int, endpoint: str = "default") -> None:
    """One delivery, tried so many minutes ago."""
    enqueue(f"to {endpoint}")
    delivery = Delivery.objects.get(message_id=f"to {endpoint}")
    Delivery.objects.filter(pk=delivery.pk).update(endpoint=endpoint)
    for number, ago in enumerate(minutes):
        Attempt.objects.create(
            delivery=delivery,
            number=number,
            token=uuid.uuid4(),
            started_at=now - timedelta(minutes=ago),
        )


def test_after_a_lower_limit_it_is_held_until_enough_of_the_hour_is_over() -> None:
    now = timezone.now()
    tried(now, 70, 50, 49, 48, 47, 46)
    assert limits(2, now)["default"].until == now + timedelta(minutes=13)  # the fourth of five
    assert limits(6, now) == limits(0, now) == {}


def test_each_endpoint_has_its_own_limit_and_each_try_counts() -> None:
    now = timezone.now()
    tried(now, 3, 2, 1, endpoint="dead")
    prefs = ProcessingPrefs(rate_limit_per_hour=3)
    assert [*limits(3, now)] == ["dead"]
    assert (room(prefs, "dead", now, 4), room(prefs, "default", now, 4)) == (0, 3)


def test_a_try_that_failed_counts_as_well(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=500))
    enqueue("a", "b", "c", at=timezone.now())
    relay.until(lambda: len(endpoint.requests) == 2)
    relay.until(lambda: Delivery.objects.filter(state=State.RETRY).count() == 2)
    relay.dispatcher.step(timezone.now())
    assert len(endpoint.requests) == 2


def test_without_a_limit_nothing_waits(relay: Relay, endpoint: Endpoint) -> None:
    relay.file.write("processing_prefs", {"rate_limit_per_hour": 0})
    relay.store.refresh()
    enqueue("a", "b", "c", at=timezone.now())
    relay.until(lambda: delivered() == 3)
