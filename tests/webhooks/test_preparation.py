"""Deliveries while their files are transferred: who has them, and what becomes of their body."""

from __future__ import annotations

import json

import pytest
from django.conf import LazySettings

from tests.webhooks.examples import CUT, FAILED, NOW, after, claim, endpoint, enqueue, finish, link
from webhooks import interventions, outbox, preparation
from webhooks.models import Attempt, Delivery, State
from webhooks.preparation import Unprepared
from webhooks.withdrawal import withdraw
from webhooks.worker_answers import Fetched

pytestmark = pytest.mark.django_db
LINKS = (link("dropbox", 1), link("fromsmash", 2, direct=False), link("evil", 3))


@pytest.fixture(autouse=True)
def enabled(settings: LazySettings) -> None:
    settings.R2_FETCH_ENABLED = True


def take(seconds: float = 0, limit: int = 10) -> list[Unprepared]:
    return preparation.take(endpoint(), limit, after(seconds))


def stored(delivery: Unprepared, *places: int) -> dict[str, Fetched]:
    """As if the files of the links at these places were stored."""
    sources = delivery.sources()
    return {
        sources[place].digest: Fetched(
            source=sources[place],
            r2_url=f"https://files.example.org/{place}",
            original_filename=f"{place}.zip",
        )
        for place in places
    }


def body() -> dict[str, object]:
    loaded: dict[str, object] = json.loads(Delivery.objects.get().payload)
    return loaded


def test_what_has_files_to_transfer_is_prepared_before_it_is_sent() -> None:
    enqueue("files", links=LINKS)
    enqueue("none")
    enqueue("elsewhere", links=LINKS[2:])
    assert {got.message_id for got in claim()} == {"none", "elsewhere"}
    assert [delivery.message_id for delivery in take()] == ["files"]


def test_a_frozen_body_has_its_files_added_and_nothing_else_changed() -> None:
    enqueue("a", links=LINKS)
    before = body()
    (delivery,) = take()
    assert preparation.freeze(delivery, stored(delivery, 0, 1))
    now = body()
    links = now["delivery_links"]
    assert isinstance(links, list)
    assert [found.pop("r2_url", "") for found in links] == [
        "https://files.example.org/0", "https://files.example.org/1", "",
    ]  # fmt: skip
    assert [found.pop("original_filename", "") for found in links] == ["0.zip", "1.zip", ""]
    assert now == before


def test_what_was_stored_of_some_links_leaves_the_others_untouched() -> None:
    enqueue("a", links=LINKS)
    (delivery,) = take()
    preparation.freeze(delivery, stored(delivery, 1))
    links = body()["delivery_links"]
    assert isinstance(links, list)
    assert set(links[0]) == {"provider", "raw_url", "direct_url"}
    assert set(links[1]) == {"provider", "raw_url", "direct_url", "r2_url", "original_filename"}


def test_without_any_file_the_body_is_the_same_to_the_byte() -> None:
    enqueue("a", links=LINKS)
    (delivery,) = take()
    assert preparation.freeze(delivery, {})
    assert Delivery.objects.get().payload == delivery.payload
    assert [got.payload for got in claim()] == [delivery.payload]


def test_a_frozen_delivery_is_sent_and_never_prepared_again() -> None:
    enqueue("a", links=LINKS)
    (delivery,) = take()
    preparation.freeze(delivery, stored(delivery, 0))
    assert take(seconds=100) == []
    (first,) = claim()
    finish(first, FAILED, after(1))
    assert take(seconds=100) == []
    (second,) = claim(at=after(100))
    assert (second.payload, second.webhook_id) == (first.payload, first.webhook_id)
    assert "r2_url" in second.payload


def test_preparing_is_no_try() -> None:
    enqueue("a", links=LINKS)
    take()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.tried_at) == (State.QUEUED, 0, None)
    assert not Attempt.objects.exists()


def test_nobody_else_gets_it_before_the_lease_is_over() -> None:
    enqueue("a", links=LINKS)
    (first,) = take()
    assert take(seconds=9) == []
    preparation.extend([first], after(9))
    assert take(seconds=18) == []
    (second,) = take(seconds=20)
    assert second.token != first.token


def test_whoever_lost_it_changes_nothing() -> None:
    enqueue("a", links=LINKS)
    (first,) = take()
    (second,) = take(seconds=11)
    preparation.extend([first], after(30))
    preparation.give_back([first])
    assert not preparation.freeze(first, stored(first, 0))
    assert take(seconds=20) == []
    assert preparation.freeze(second, stored(second, 1))
    assert "files.example.org/0" not in Delivery.objects.get().payload


def test_what_is_given_back_is_there_at_once_and_unchanged() -> None:
    enqueue("a", links=LINKS)
    (first,) = take()
    preparation.give_back([first])
    (second,) = take()
    assert second.payload == first.payload


def test_no_more_is_taken_than_asked_for_and_the_oldest_first() -> None:
    enqueue("later", at=after(5), links=LINKS)
    enqueue("a", "b", links=LINKS)
    assert [delivery.message_id for delivery in take(9, limit=2)] == ["a", "b"]
    assert [delivery.message_id for delivery in take(9, limit=2)] == ["later"]


def test_only_its_own_sources_are_prepared() -> None:
    enqueue("mine", links=LINKS)
    enqueue("theirs", source="ventes", links=LINKS)
    mine = preparation.take(endpoint(), 10, NOW, ["default"])
    assert [delivery.message_id for delivery in mine] == ["mine"]


@pytest.mark.parametrize("how", ["cancelled", "withdrawn"])
def test_a_delivery_that_is_ended_meanwhile_stays_ended(how: str) -> None:
    enqueue("a", links=LINKS)
    (delivery,) = take()
    if how == "cancelled":
        interventions.cancel(Delivery.objects.all(), "anna", NOW)
    else:
        withdraw(["a"], "settled by another poller", NOW)
    assert not preparation.freeze(delivery, stored(delivery, 0))
    assert Delivery.objects.get().state == State.CANCELLED


def test_where_it_is_switched_off_nothing_is_waited_for(settings: LazySettings) -> None:
    settings.R2_FETCH_ENABLED = False
    enqueue("a", links=LINKS)
    assert outbox.next_due(endpoint()) == NOW
    assert len(claim()) == 1


@pytest.mark.parametrize("release", ["this", "older"])
def test_what_was_tried_before_it_was_switched_on_keeps_its_body(
    settings: LazySettings, release: str
) -> None:
    settings.R2_FETCH_ENABLED = False
    enqueue("a", links=LINKS)
    (first,) = claim()
    finish(first, CUT, after(1))
    if release == "older":
        Delivery.objects.update(offload=True)
    settings.R2_FETCH_ENABLED = True
    assert take(seconds=9) == []
    (second,) = claim(at=after(9))
    assert second.payload == first.payload


def test_what_waited_when_it_was_switched_on_is_prepared(settings: LazySettings) -> None:
    settings.R2_FETCH_ENABLED = False
    enqueue("a", links=LINKS)
    settings.R2_FETCH_ENABLED = True
    assert claim() == []
    assert outbox.next_due(endpoint()) is None
    assert len(take()) == 1


def test_whoever_has_it_switched_off_sends_it_as_it_is(settings: LazySettings) -> None:
    """A process with other settings beside ours."""
    enqueue("a", links=LINKS)
    (delivery,) = take()
    settings.R2_FETCH_ENABLED = False
    (got,) = claim()
    settings.R2_FETCH_ENABLED = True
    assert not preparation.freeze(delivery, stored(delivery, 0))
    assert Delivery.objects.get().payload == got.payload
