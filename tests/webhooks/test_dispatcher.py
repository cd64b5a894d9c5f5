"""Deliveries go out to a real endpoint, and what it answers is written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from standardwebhooks import Webhook

from configstore.signing_secrets import derive_secret
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.webhooks.examples import enqueue as enqueue_at
from tests.webhooks.relay import Relay
from webhooks import outbox
from webhooks.client import Client
from webhooks.models import Attempt, Delivery, EndpointState, State

pytestmark = pytest.mark.django_db


def enqueue(*names: str, source: str = "default") -> None:
    enqueue_at(*names, at=timezone.now(), source=source)


@pytest.fixture
def relay(
    client: Client, endpoint: Endpoint, settings: LazySettings, tmp_path: Path
) -> Iterator[Relay]:
    settings.SECRET_KEY_FALLBACKS = ["the key before"]
    relay = Relay(tmp_path, client, endpoint.url)
    yield relay
    relay.close()


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("message_id", "state"))


def all_delivered() -> bool:
    return set(states().values()) == {State.DELIVERED}


def test_deliveries_go_out_and_are_settled(relay: Relay, endpoint: Endpoint) -> None:
    names = {f"mail-{number}" for number in range(10)}
    enqueue(*names)
    relay.until(lambda: set().union(*relay.told) == names)
    assert all_delivered()
    assert {got.json["microsoft_graph_email_id"] for got in endpoint.requests} == names


def test_each_request_carries_the_id_of_its_delivery(relay: Relay, endpoint: Endpoint) -> None:
    enqueue("a")
    relay.until(all_delivered)
    (request,) = endpoint.requests
    assert request.headers["webhook-id"] == Delivery.objects.get().webhook_id
    assert request.headers["webhook-id"] == request.json["event_id"]


@pytest.mark.parametrize("master", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_each_request_is_signed_by_the_key_of_today_and_the_one_before(
    relay: Relay, endpoint: Endpoint, settings: LazySettings, master: str
) -> None:
    enqueue("a")
    relay.until(all_delivered)
    (request,) = endpoint.requests
    key = settings.SECRET_KEY if master == "SECRET_KEY" else "the key before"
    headers = {name.lower(): value for name, value in request.headers.items()}
    Webhook(derive_secret(key, "default")).verify(request.body.decode(), headers)


def test_few_are_under_way_at_once_and_settled_together(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(delay=0.2))
    enqueue(*[f"mail-{number}" for number in range(8)])
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(4)
    assert list(states().values()).count(State.SENDING) == 4
    time.sleep(0.4)
    relay.until(lambda: bool(relay.told))
    assert len(relay.told[0]) == 4


def test_a_failure_is_tried_again_with_the_same_id(relay: Relay, endpoint: Endpoint) -> None:
    relay.file.write("processing_prefs", {"retry_count": 1, "retry_delay_sec": 0})
    endpoint.answer_in_turn([Answer(status=503)])
    enqueue("a")
    relay.until(all_delivered)
    first, second = endpoint.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [row.outcome for row in Attempt.objects.order_by("number")] == ["failed", "delivered"]


def test_a_failure_is_told_only_when_it_is_final(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer_in_turn([Answer(status=413), Answer(status=500)])
    enqueue("too-large")
    relay.until(lambda: states() == {"too-large": State.DEAD})
    enqueue("later")
    relay.until(lambda: states()["later"] == State.RETRY and bool(relay.told))
    assert relay.told == [{"too-large"}]


def test_an_answer_that_makes_no_sense_does_not_keep_a_delivery(
    relay: Relay, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(body=b'{"success":' + b"[" * 15_000)])
    enqueue("a")
    relay.until(lambda: states()["a"] != State.SENDING and bool(endpoint.requests))
    assert Attempt.objects.get().ended_at is not None


def test_the_end_of_a_pause_lets_them_go(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    relay.dispatcher.step(timezone.now())
    relay.configure(webhook_sending_enabled=False)
    enqueue("a")
    relay.dispatcher.step(timezone.now())
    relay.configure()
    relay.until(all_delivered)
    assert "Deliveries go out again" in caplog.messages


def test_only_its_own_sources_are_sent(relay: Relay, endpoint: Endpoint) -> None:
    relay.sources = ["default"]
    enqueue("mine")
    enqueue("theirs", source="ventes")
    relay.until(lambda: states()["mine"] == State.DELIVERED)
    assert states()["theirs"] == State.QUEUED
    assert len(endpoint.requests) == 1


def test_what_somebody_left_behind_is_sent_again(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("a")
    Delivery.objects.update(state=State.SENDING, lease_until=timezone.now())
    relay.until(all_delivered)
    webhook_id = Delivery.objects.get().webhook_id
    (left,) = [line for line in caplog.messages if line.startswith("Left unfinished, ")]
    assert left == f"Left unfinished, sent again webhook_id={webhook_id} endpoint=default"


def test_an_endpoint_that_fails_is_probed_although_no_retry_is_due(
    relay: Relay, endpoint: Endpoint
) -> None:
    enqueue("a")
    endpoint.answer_in_turn([Answer(status=503)])
    relay.until(lambda: states()["a"] == State.RETRY)
    Delivery.objects.update(due_at=timezone.now() + timedelta(hours=2))
    EndpointState.objects.update(failures=5, probe_at=timezone.now())
    relay.until(all_delivered, 2)


def test_what_is_under_way_is_waited_for(relay: Relay, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(delay=0.3))
    enqueue("a")
    relay.dispatcher.step(timezone.now())
    endpoint.wait_for(1)
    relay.dispatcher.drain(5)
    assert states() == {"a": State.DELIVERED}
    assert relay.told == [{"a"}]


def test_what_takes_too_long_is_cut_and_queued_again_with_the_same_id(
    relay: Relay, endpoint: Endpoint, client: Client
) -> None:
    endpoint.answer(HANG)
    enqueue("a", "b")
    relay.dispatcher.step(timezone.now())
    before = {request.headers["webhook-id"] for request in endpoint.wait_for(2)}
    begun = time.monotonic()
    relay.dispatcher.drain(0.3)
    assert time.monotonic() - begun < 1
    assert set(states().values()) == {State.RETRY}
    assert set(Delivery.objects.values_list("webhook_id", flat=True)) == before
    assert {row.outcome for row in Attempt.objects.all()} == {"unknown"}


def test_draining_with_nothing_under_way_takes_no_time(relay: Relay) -> None:
    begun = time.monotonic()
    relay.dispatcher.drain(10)
    assert time.monotonic() - begun < 0.5


def test_one_pass_sends_what_is_due_and_leaves_what_is_not(
    relay: Relay, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(status=500)])
    enqueue("a", "b")
    relay.dispatcher.run_until_idle()
    assert sorted(states().values()) == [State.DELIVERED, State.RETRY]


def test_a_process_that_stood_still_after_its_claim_sends_nothing_on_the_strength_of_it(
    relay: Relay, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue("a")
    with monkeypatch.context() as patch:
        patch.setattr(outbox.Claim, "over", True)
        relay.until(lambda: Attempt.objects.exclude(ended_at=None).exists())
    assert not endpoint.requests
    relay.until(all_delivered)
    assert len(endpoint.requests) == 1
    assert Attempt.objects.filter(error__contains="its lease ended").exists()
