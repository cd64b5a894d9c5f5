"""Transfers that end with their process, or outlive another."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG
from tests.servers.fake_worker import asked_for, store, store_after
from tests.webhooks.files import FOLDER, SMASH, delivered, enqueue, key, links_of, smash
from tests.webhooks.relay import Relay
from webhooks import dispatcher, preparation
from webhooks.client import Client
from webhooks.models import Delivery, State, Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("r2")]


def test_a_stop_cuts_transfers_and_leaves_the_delivery_as_it_was(
    relay: Relay, client: Client, endpoint: Endpoint, r2: Endpoint, tmp_path: Path
) -> None:
    r2.answer(lambda r: HANG if r.json["provider"] == "fromsmash" else store(r))
    enqueue("a")
    before = Delivery.objects.values().get()
    relay.dispatcher.step(timezone.now())
    r2.wait_for(2)
    relay.until(Transfer.objects.exists)
    begun = time.monotonic()
    relay.dispatcher.drain(10)
    assert time.monotonic() - begun < 3
    assert Delivery.objects.values().get() == before
    r2.answer(store)
    other = Relay(tmp_path / "other", Client(), endpoint.url)
    try:
        other.until(delivered)
    finally:
        other.close()
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))
    asked = [request["object_key"] for request in asked_for(r2)]
    assert sorted(asked) == sorted([key(FOLDER), key(SMASH), key(SMASH)])


def test_a_stop_in_the_middle_of_many_links_ends_them_all(relay: Relay, r2: Endpoint) -> None:
    r2.answer(HANG)
    enqueue("a", links=tuple(smash(number) for number in range(30)))
    relay.dispatcher.step(timezone.now())
    r2.wait_for(8)
    begun = time.monotonic()
    relay.dispatcher.drain(10)
    assert time.monotonic() - begun < 3
    row = Delivery.objects.get()
    assert (row.state, row.token, row.lease_until) == (State.QUEUED, None, None)
    assert len(r2.requests) == 8


def test_a_transfer_that_outlasts_the_lease_stays_with_its_process(
    relay: Relay,
    endpoint: Endpoint,
    r2: Endpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparation, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(dispatcher, "EXTEND_SECONDS", 0.2)
    r2.answer(store_after(lambda _: 2.5))
    other = Relay(tmp_path / "other", Client(), endpoint.url)
    enqueue("a", links=(SMASH,))

    def both() -> bool:
        other.dispatcher.step(timezone.now())
        return delivered()

    try:
        relay.dispatcher.step(timezone.now())
        relay.until(both)
    finally:
        other.close()
    assert len(r2.requests) == len(endpoint.requests) == 1


def test_what_a_killed_process_had_under_way_is_taken_over(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    enqueue("a")
    (lost,) = preparation.take(relay.endpoint(), 1, timezone.now())
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    relay.until(delivered)
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))
    assert not preparation.freeze(lost, {})
