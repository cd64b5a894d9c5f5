"""How much is claimed at a time, and what becomes of claims that are not begun."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.webhooks.examples import enqueue
from tests.webhooks.relay import THREADS, Relay
from webhooks import dispatcher, outbox
from webhooks.client import Client
from webhooks.models import Attempt, Delivery, EndpointState, State

pytestmark = pytest.mark.django_db
MANY = 40
AHEAD = 4 * THREADS


@pytest.fixture
def relay(client: Client, endpoint: Endpoint, tmp_path: Path) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    enqueue(*[f"mail-{number:02}" for number in range(MANY)], at=timezone.now())
    yield relay
    relay.close()


def count(*states: State) -> int:
    return Delivery.objects.filter(state__in=states).count()


def claim_ahead(relay: Relay, endpoint: Endpoint) -> None:
    """What the threads were given was accepted, and AHEAD are claimed: those that no thread has
    begun with wait."""
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(THREADS)
    endpoint.answer(HANG)
    time.sleep(0.1)
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(2 * THREADS)


def test_no_more_are_claimed_than_can_be_begun(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer(HANG)
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    assert count(State.SENDING) == THREADS


def test_to_an_endpoint_that_answers_claims_wait_for_a_thread(
    relay: Relay, endpoint: Endpoint
) -> None:
    claim_ahead(relay, endpoint)
    assert count(State.DELIVERED) == THREADS
    assert count(State.SENDING) == AHEAD
    assert len(endpoint.requests) == 2 * THREADS


@pytest.mark.parametrize("answer", [Answer(delay=0.3), Answer(status=500)])
def test_to_one_that_is_slow_or_fails_they_do_not(
    relay: Relay,
    endpoint: Endpoint,
    answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatcher, "SOON_SECONDS", 0.2)
    endpoint.answer(answer)
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(THREADS)
    time.sleep(0.5)
    relay.dispatcher.step(timezone.now())
    assert count(State.SENDING) <= THREADS


def test_it_ends_with_what_cannot_be_exceeded(relay: Relay, endpoint: Endpoint) -> None:
    most = 0

    def all_delivered() -> bool:
        nonlocal most
        most = max(most, count(State.SENDING))
        return count(State.DELIVERED) == MANY

    relay.until(all_delivered)
    assert THREADS < most <= 4 * THREADS
    assert len(endpoint.requests) == Attempt.objects.count() == MANY


def test_the_stop_gives_back_what_was_not_begun(relay: Relay, endpoint: Endpoint) -> None:
    claim_ahead(relay, endpoint)
    relay.dispatcher.drain(0.1)
    assert len(endpoint.requests) == 2 * THREADS
    assert count(State.QUEUED) == MANY - 2 * THREADS
    assert Attempt.objects.count() == 2 * THREADS


def test_an_endpoint_that_fails_fails_only_with_what_was_begun(
    relay: Relay, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer()] * THREADS, Answer(status=503, delay=0.2))
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(THREADS)
    time.sleep(0.1)
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(2 * THREADS)
    relay.until(lambda: count(State.SENDING) == 0)
    assert Attempt.objects.count() == len(endpoint.requests)
    assert count(State.QUEUED) == MANY - Attempt.objects.count()
    assert not Delivery.objects.filter(state=State.QUEUED, attempts__gt=0).exists()


def test_a_pause_holds_what_was_not_begun(relay: Relay, endpoint: Endpoint) -> None:
    claim_ahead(relay, endpoint)
    relay.configure(webhook_sending_enabled=False)
    relay.dispatcher.step(timezone.now())
    assert count(State.SENDING) == THREADS
    assert count(State.QUEUED) == MANY - 2 * THREADS
    assert len(endpoint.requests) == 2 * THREADS


def test_nothing_more_goes_to_an_address_that_was_changed(relay: Relay, endpoint: Endpoint) -> None:
    claim_ahead(relay, endpoint)
    relay.configure(webhook_url=f"{endpoint.url}/new")
    relay.dispatcher.step(timezone.now())
    endpoint.answer(Answer())
    relay.dispatcher.drain(0.1)
    assert len(endpoint.requests) == 2 * THREADS


def test_nothing_more_of_a_mailbox_leaves_that_another_process_has_by_now(
    relay: Relay, endpoint: Endpoint
) -> None:
    claim_ahead(relay, endpoint)
    relay.sources = []
    endpoint.answer(Answer())
    relay.until(lambda: count(State.SENDING) == THREADS)
    time.sleep(0.2)
    assert len(endpoint.requests) == 2 * THREADS
    assert count(State.QUEUED) == MANY - 2 * THREADS


@pytest.mark.parametrize("status", [410, 429, 500])
def test_of_an_endpoint_that_begins_to_fail_no_thread_asks_again_before_that_is_settled(
    relay: Relay, endpoint: Endpoint, status: int
) -> None:
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(THREADS)
    endpoint.answer(Answer(status=status, delay=0.1))
    time.sleep(0.1)
    relay.dispatcher.step(timezone.now())
    time.sleep(0.5)
    assert len(endpoint.requests) == 2 * THREADS


def test_what_a_thread_must_not_begin_with_is_given_back(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer_in_turn([Answer()] * THREADS, Answer(status=500, delay=0.1))
    relay.until(lambda: EndpointState.objects.filter(failures__gte=THREADS).exists())
    relay.until(lambda: count(State.SENDING) == 0 or len(endpoint.requests) > 2 * THREADS)
    assert Attempt.objects.count() <= len(endpoint.requests) + THREADS


def test_what_cannot_be_given_back_waits_for_the_end_of_its_lease(
    relay: Relay,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    claim_ahead(relay, endpoint)

    def fail(claims: Sequence[object]) -> None:
        if claims:
            raise DatabaseError("disk I/O error")

    monkeypatch.setattr(outbox, "give_back", fail)
    relay.dispatcher.drain(0.1)
    waiting = [
        line for line in caplog.messages if line.startswith("Sent once its lease has ended ")
    ]
    unsent = AHEAD - THREADS
    assert len(waiting) == unsent
    assert waiting[0].endswith(" endpoint=default: disk I/O error")
    assert count(State.SENDING) == unsent
    assert len(outbox.sweep(timezone.now() + 2 * outbox.LEASE)) == unsent
