"""The clock was ahead, and is put right."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from configstore.documents import ProcessingPrefs
from tests.servers.endpoint import Endpoint
from tests.webhooks.examples import OK, claim, enqueue, finish
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.models import Delivery, EndpointState, State
from webhooks.outbox import catch_up

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def relay(client: Client, endpoint: Endpoint, tmp_path: Path) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    yield relay
    relay.close()


def delivered(count: int = 1) -> bool:
    return Delivery.objects.filter(state=State.DELIVERED).count() == count


def test_what_was_queued_then_leaves_now(relay: Relay) -> None:
    enqueue("a", at=timezone.now() + YEAR)
    relay.until(delivered)


def test_an_hour_ahead_is_noticed_by_what_was_queued_or_tried_then(relay: Relay) -> None:
    then = timezone.now() + timedelta(hours=1)
    enqueue("a", "b", at=then)
    Delivery.objects.filter(message_id="b").update(
        state=State.RETRY, attempts=1, tried_at=then, due_at=then + timedelta(minutes=5)
    )
    relay.until(lambda: delivered(2))


def test_a_retry_that_is_an_hour_away_waits_for_it(relay: Relay) -> None:
    now = timezone.now()
    enqueue("a", at=now)
    Delivery.objects.update(state=State.RETRY, tried_at=now, due_at=now + timedelta(hours=1))
    assert catch_up(now) == 0


def test_what_was_being_sent_then_is_sent_now(relay: Relay) -> None:
    enqueue("a", at=timezone.now())
    lease = timezone.now() + YEAR
    Delivery.objects.update(state=State.SENDING, token=uuid.uuid4(), lease_until=lease)
    relay.until(delivered)


def test_an_endpoint_that_failed_then_is_asked_now(relay: Relay) -> None:
    EndpointState.objects.create(
        endpoint="default",
        fingerprint=relay.endpoint().fingerprint,
        failures=6,
        probe_at=timezone.now() + YEAR,
        failed_at=timezone.now() + YEAR,
    )
    enqueue("a", at=timezone.now())
    relay.until(delivered)


def test_what_was_tried_then_is_no_part_of_this_hour(relay: Relay) -> None:
    relay.file.write("processing_prefs", {"rate_limit_per_hour": 1})
    relay.store.current(ProcessingPrefs)
    enqueue("a", "b", at=timezone.now())
    (first,) = claim(1, timezone.now() + YEAR)
    finish(first, OK, timezone.now())
    relay.until(lambda: delivered(2))


def test_a_dispatcher_at_work_goes_on_to_sweep(relay: Relay) -> None:
    relay.dispatcher.step(timezone.now() + YEAR)
    enqueue("a", at=timezone.now())
    lease = timezone.now() - timedelta(seconds=1)
    Delivery.objects.update(state=State.SENDING, token=uuid.uuid4(), lease_until=lease)
    relay.until(delivered)
