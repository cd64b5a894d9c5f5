"""Files are moved before the first try of their webhook."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.servers.fake_worker import asked_for, store, store_after, stored_at
from tests.webhooks.files import FOLDER, SMASH, delivered, enqueue, key, links_of, smash
from tests.webhooks.relay import Relay
from webhooks.messages import Link
from webhooks.models import Attempt, Delivery, EndpointState, Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("r2")]


def test_the_webhook_says_where_the_files_are(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    enqueue("a")
    relay.until(delivered)
    folder, smashed = links_of(endpoint.requests[0])
    assert folder == {
        "provider": "dropbox",
        "raw_url": FOLDER.raw_url,
        "direct_url": FOLDER.direct_url,
        "r2_url": stored_at(key(FOLDER)),
        "original_filename": "lot-12.zip",
    }
    assert smashed["r2_url"] == stored_at(key(SMASH))
    asked = sorted(asked_for(r2), key=lambda request: request["provider"])
    assert [request["source_url"] for request in asked] == [FOLDER.direct_url, SMASH.raw_url]
    assert [request["email_id"] for request in asked] == ["a", "a"]


@pytest.mark.usefixtures("quick")
def test_a_shared_folder_may_take_longer(relay: Relay, endpoint: Endpoint, r2: Endpoint) -> None:
    r2.answer(store_after(lambda _: 1.0))
    enqueue("a")
    relay.until(delivered)
    assert ["r2_url" in link for link in links_of(endpoint.requests[0])] == [True, False]


def test_the_links_of_a_mail_are_transferred_side_by_side(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(store_after(lambda _: 0.5))
    enqueue("a", links=tuple(smash(number) for number in range(6)))
    begun = time.monotonic()
    relay.until(delivered)
    assert 0.5 <= time.monotonic() - begun < 2.5
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))


def test_a_mail_of_many_links_asks_for_a_few_at_a_time(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(store_after(lambda _: 0.4))
    enqueue("a", links=tuple(smash(number) for number in range(20)))
    relay.until(delivered)
    times = [request.time for request in r2.requests]
    assert len(times) == 20
    assert times[8] - times[0] >= 0.4
    assert times[16] - times[8] >= 0.4
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))


def test_the_same_link_in_two_mails_at_once_is_one_transfer(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(store_after(lambda _: 0.2))
    enqueue("a", "b", links=(FOLDER,))
    relay.until(lambda: delivered(2))
    assert len(r2.requests) == 1
    urls = [link["r2_url"] for request in endpoint.requests for link in links_of(request)]
    assert urls == [stored_at(key(FOLDER))] * 2
    assert Transfer.objects.get().reused == 1


def test_a_link_that_comes_again_needs_no_transfer(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    enqueue("a")
    relay.until(delivered)
    r2.answer(HANG)
    enqueue("b")
    relay.until(lambda: delivered(2))
    assert links_of(endpoint.requests[1]) == links_of(endpoint.requests[0])
    assert len(r2.requests) == 2
    assert set(Transfer.objects.values_list("reused", flat=True)) == {1}


@pytest.mark.parametrize("answer", [Answer(status=500), None], ids=["failed", "stored"])
def test_every_try_sends_the_bytes_of_the_first(
    relay: Relay, endpoint: Endpoint, r2: Endpoint, answer: Answer | None
) -> None:
    if answer:
        r2.answer(answer)
    relay.file.write("processing_prefs", {"retry_count": 2, "retry_delay_sec": 0})
    endpoint.answer_in_turn([Answer(status=503), Answer(status=503)])
    enqueue("a")
    relay.until(delivered)
    r2.answer(store)
    requests = endpoint.requests
    assert len(requests) == 3
    assert len({request.body for request in requests}) == 1
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len(r2.requests) == 2


def test_the_time_limit_of_a_try_begins_after_the_transfers(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    relay.file.write("processing_prefs", {"webhook_timeout_sec": 1})
    relay.store.refresh()
    r2.answer(store_after(lambda _: 1.3))
    endpoint.answer(Answer(delay=0.4))
    enqueue("a", links=(SMASH,))
    relay.until(delivered)
    attempt = Attempt.objects.get()
    assert attempt.ended_at is not None
    assert attempt.ended_at - attempt.started_at < timedelta(seconds=1)


def test_the_probe_of_a_failing_endpoint_has_its_files_too(
    relay: Relay, endpoint: Endpoint
) -> None:
    enqueue("a")
    address = relay.endpoint()
    EndpointState.objects.create(
        endpoint=address.id,
        fingerprint=address.fingerprint,
        failures=5,
        probe_at=timezone.now(),
    )
    relay.until(delivered)
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))


def test_nothing_is_transferred_while_deliveries_are_held(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    relay.configure(webhook_sending_enabled=False)
    enqueue("a")
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    time.sleep(0.2)
    assert r2.connections == 0
    relay.configure()
    relay.until(delivered)
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))


def test_what_is_transferred_when_a_pause_begins_leaves_after_it(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(store_after(lambda _: 0.3))
    enqueue("a")
    relay.dispatcher.step(timezone.now())
    relay.configure(webhook_sending_enabled=False)
    relay.until(lambda: not Delivery.objects.get().offload)
    assert endpoint.requests == []
    relay.configure()
    relay.until(delivered)
    assert len(r2.requests) == 2


def test_a_single_pass_waits_for_transfers(relay: Relay, endpoint: Endpoint, r2: Endpoint) -> None:
    r2.answer(store_after(lambda _: 0.3))
    for number in range(20):
        enqueue(f"mail-{number}", links=(smash(number),))
    relay.dispatcher.run_until_idle()
    assert delivered(20)
    assert all("r2_url" in links_of(request)[0] for request in endpoint.requests)


def test_switched_off_the_worker_is_not_asked(
    relay: Relay, endpoint: Endpoint, r2: Endpoint, settings: LazySettings
) -> None:
    settings.R2_FETCH_ENABLED = False
    enqueue("a")
    relay.until(delivered)
    assert r2.connections == 0
    assert all("r2_url" not in link for link in links_of(endpoint.requests[0]))


def test_files_elsewhere_are_none_of_the_workers_business(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    elsewhere = Link(
        provider="dropbox", raw_url="https://dropbox.com.evil.example/s/a", direct_url=None
    )
    enqueue("a", links=(elsewhere, SMASH))
    relay.until(delivered)
    assert [request["source_url"] for request in asked_for(r2)] == [SMASH.raw_url]
    assert "r2_url" not in links_of(endpoint.requests[0])[0]
