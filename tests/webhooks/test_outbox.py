from __future__ import annotations

from datetime import timedelta

import pytest

from tests.webhooks.examples import (
    NOW,
    after,
    claim,
    endpoint,
    enqueue,
    hand_over,
    message,
    stale,
)
from webhooks import journal, outbox
from webhooks.endpoints import webhook_id
from webhooks.models import Attempt, Delivery, Outcome, State

pytestmark = pytest.mark.django_db


def claimed(limit: int = 10, at: float = 0, sources: list[str] | None = None) -> list[str]:
    claims = outbox.claim(endpoint(), limit, after(at), sources)
    return [claim.message_id for claim in claims]


def delivery(name: str) -> Delivery:
    return Delivery.objects.get(message_id=name)


def test_a_message_is_queued_for_its_endpoint() -> None:
    enqueue("a")
    row = delivery("a")
    assert (row.state, row.endpoint, row.source) == (State.QUEUED, "default", "default")
    assert (row.created_at, row.due_at) == (NOW, NOW)
    assert f'"event_id":"{row.webhook_id}"' in row.payload


def test_queueing_a_message_again_changes_nothing() -> None:
    enqueue("a")
    before = Delivery.objects.values().get()
    hand_over(message("a", text="changed"), message("b"), at=after(60))
    assert Delivery.objects.values().get(message_id="a") == before
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("state", State.values)
def test_queueing_a_message_again_does_not_send_it_again(state: str) -> None:
    enqueue("a")
    Delivery.objects.update(state=state)
    enqueue("a")
    assert Delivery.objects.get().state == state


def test_nothing_to_queue_is_no_trouble() -> None:
    enqueue()
    assert not Delivery.objects.exists()


def test_the_webhook_id_is_a_function_of_message_and_endpoint() -> None:
    assert webhook_id("a", "default") == webhook_id("a", "default")
    assert len({webhook_id("a", "x"), webhook_id("b", "x"), webhook_id("a", "y")}) == 3
    assert "." not in webhook_id("a", "default")


def test_a_claim_is_on_record_before_anything_is_sent() -> None:
    enqueue("a")
    (got,) = claim()
    row, attempt = delivery("a"), Attempt.objects.get()
    assert (row.state, row.token, row.tried_at, row.attempts) == (State.SENDING, got.token, NOW, 1)
    assert (attempt.number, attempt.token, attempt.outcome) == (1, got.token, Outcome.UNKNOWN)
    assert (got.payload, got.webhook_id) == (row.payload, row.webhook_id)


def test_a_lease_is_kept_while_the_request_is_under_way() -> None:
    enqueue("a")
    claims = claim()
    assert delivery("a").lease_until == NOW + outbox.LEASE
    outbox.extend(claims, after(300))
    assert delivery("a").lease_until == after(300) + outbox.LEASE


def test_the_lease_of_somebody_else_is_not_extended() -> None:
    enqueue("a")
    outbox.extend([stale(got) for got in claim()], after(300))
    assert delivery("a").lease_until == NOW + outbox.LEASE


def test_a_lease_that_was_given_back_is_not_extended() -> None:
    enqueue("a")
    claims = claim()
    outbox.sweep(after(1000))
    outbox.extend(claims, after(1001))
    assert (delivery("a").state, delivery("a").lease_until) == (State.RETRY, None)


def test_a_claim_that_is_given_back_has_never_been() -> None:
    enqueue("a")
    before = Delivery.objects.values().get()
    outbox.give_back(claim())
    assert Delivery.objects.values().get() == before
    assert not Attempt.objects.exists()
    assert claimed() == ["a"]


def test_a_retry_that_is_given_back_stays_one() -> None:
    enqueue("a")
    claim()
    outbox.sweep(after(1000))
    outbox.give_back(outbox.claim(endpoint(), 1, after(1000)))
    assert (delivery("a").state, delivery("a").attempts) == (State.RETRY, 1)
    assert [attempt.number for attempt in Attempt.objects.all()] == [1]


def test_the_claim_of_somebody_else_is_not_given_back() -> None:
    enqueue("a")
    outbox.give_back([stale(got) for got in claim()])
    assert (delivery("a").state, Attempt.objects.count()) == (State.SENDING, 1)


def test_a_claim_cannot_be_taken_twice() -> None:
    enqueue("a", "b")
    assert len(claim()) == 2
    assert claim() == []


def test_the_oldest_go_first_and_no_more_than_asked_for() -> None:
    enqueue("late", at=after(2))
    enqueue("early", "next", at=after(1))
    assert claimed(2, at=5) == ["early", "next"]
    assert claimed(2, at=5) == ["late"]


def test_what_is_not_due_is_left() -> None:
    enqueue("a", at=after(10))
    assert claimed(at=9.9) == []
    assert claimed(at=10) == ["a"]


def test_only_the_sources_that_are_asked_for_are_claimed() -> None:
    enqueue("mine", source="default")
    enqueue("theirs", source="ventes")
    assert claimed(sources=[]) == []
    assert claimed(sources=["default"]) == ["mine"]
    assert claimed(sources=None) == ["theirs"]


@pytest.mark.parametrize("state", [State.SENDING, State.DELIVERED, State.DEAD, State.CANCELLED])
def test_only_what_waits_is_claimed(state: State) -> None:
    enqueue("a")
    Delivery.objects.update(state=state)
    assert claim() == []


def test_deliveries_of_another_endpoint_are_left() -> None:
    enqueue("a")
    assert claim(to=endpoint(id="other")) == []


def test_a_lease_that_is_over_is_given_back() -> None:
    enqueue("a")
    claim()
    over = NOW + outbox.LEASE
    assert outbox.sweep(over) == []
    assert len(outbox.sweep(over + timedelta(seconds=1))) == 1
    row = delivery("a")
    assert (row.state, row.token, row.due_at) == (State.RETRY, None, over + timedelta(seconds=1))


def test_what_was_given_back_is_a_further_attempt() -> None:
    enqueue("a")
    first = claim()
    outbox.sweep(after(100))
    second = claim(at=after(100))
    assert [got.number for got in first + second] == [1, 2]
    assert second[0].webhook_id == first[0].webhook_id
    assert [row.outcome for row in Attempt.objects.all()] == [Outcome.UNKNOWN] * 2


def test_sweeping_leaves_all_else_alone() -> None:
    enqueue("waits", "done")
    Delivery.objects.filter(message_id="done").update(state=State.DELIVERED, lease_until=NOW)
    assert outbox.sweep(after(1000)) == []


def test_the_next_due_is_the_earliest_that_waits() -> None:
    assert outbox.next_due(endpoint()) is None
    enqueue("b", at=after(9))
    enqueue("a", at=after(7), source="ventes")
    assert outbox.next_due(endpoint()) == after(7)
    assert outbox.next_due(endpoint(), ["default"]) == after(9)
    assert outbox.next_due(endpoint(), []) is None


def test_what_waits_is_counted_for_people() -> None:
    enqueue("a", "b", at=after(5))
    enqueue("oldest")
    claim(1)
    assert journal.waiting_count() == 2
    assert journal.oldest_waiting() == NOW


def test_nothing_waits_when_all_is_settled() -> None:
    enqueue("a")
    Delivery.objects.update(state=State.DELIVERED)
    assert (journal.waiting_count(), journal.oldest_waiting()) == (0, None)


def test_the_deliveries_that_are_open_are_those_of_one_source() -> None:
    enqueue("a", "b", "c", "under way")
    enqueue("d", source="ventes")
    Delivery.objects.filter(message_id="b").update(state=State.DELIVERED)
    Delivery.objects.filter(message_id="c").update(state=State.RETRY)
    Delivery.objects.filter(message_id="under way").update(state=State.SENDING)
    assert journal.open_count("default") == 3
    ids = journal.open_deliveries("default").values_list("message_id", flat=True)
    assert sorted(ids) == ["a", "c", "under way"]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (State.QUEUED, {}),
        (State.SENDING, {}),
        (State.RETRY, {}),
        (State.DELIVERED, {"a": True}),
        (State.DEAD, {"a": False}),
        (State.CANCELLED, {"a": True}),
    ],
)
def test_a_message_is_settled_when_its_delivery_is(state: State, outcome: dict[str, bool]) -> None:
    enqueue("a", "other")
    Delivery.objects.filter(message_id="a").update(state=state)
    assert journal.settled(["a", "unknown"]) == outcome


def test_a_message_with_two_deliveries_waits_for_both() -> None:
    enqueue("a")
    second = {"endpoint": "other", "webhook_id": "msg_other", "state": State.DEAD}
    fields = Delivery.objects.values().get() | second | {"id": None}
    Delivery.objects.create(**fields)
    assert journal.settled(["a"]) == {}
    Delivery.objects.filter(endpoint="default").update(state=State.DELIVERED)
    assert journal.settled(["a"]) == {"a": False}
