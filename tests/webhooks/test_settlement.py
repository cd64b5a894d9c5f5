from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.webhooks.examples import (
    CUT,
    FAILED,
    GONE,
    NOW,
    OK,
    REFUSED,
    SCHEDULE,
    TOO_LARGE,
    NoJitter,
    after,
    claim,
    endpoint,
    enqueue,
    finish,
    stale,
)
from webhooks import outbox
from webhooks.client import Result
from webhooks.models import Attempt, Delivery, EndpointState, Outcome, State
from webhooks.retry import schedule
from webhooks.settlement import Finished, settle

pytestmark = pytest.mark.django_db


def tried(result: Result, name: str = "a") -> Delivery:
    """A message that was queued, claimed and settled so, a second after it was queued."""
    enqueue(name)
    (got,) = claim()
    finish(got, result, after(1))
    return Delivery.objects.get(message_id=name)


def test_a_success_is_delivered() -> None:
    row = tried(OK)
    assert (row.state, row.settled_at, row.reason) == (State.DELIVERED, after(1), "")
    assert (row.token, row.lease_until) == (None, None)


def test_every_try_is_in_the_journal() -> None:
    tried(Result(delivered=False, status=503, error="HTTP 503", answer="busy"))
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status) == (Outcome.FAILED, 503)
    assert (attempt.error, attempt.answer) == ("HTTP 503", "busy")
    assert (attempt.started_at, attempt.ended_at) == (NOW, after(1))


def test_what_is_settled_is_told() -> None:
    enqueue("good", "bad", "dead")
    good, bad, dead = claim()
    results = [(good, OK), (bad, FAILED), (dead, TOO_LARGE)]
    done = settle([Finished(got, endpoint(), r, NOW) for got, r in results], SCHEDULE, NoJitter())
    assert done == {"good", "dead"}


def test_a_failure_waits_for_its_step() -> None:
    row = tried(FAILED)
    assert (row.state, row.failures, row.reason) == (State.RETRY, 1, "HTTP 503")
    assert row.due_at == after(1 + 5)


def test_each_failure_takes_the_next_step_until_there_is_none() -> None:
    enqueue("a")
    now, waits = NOW, []
    while got := claim(at=now):
        finish(got[0], FAILED, now)
        EndpointState.objects.all().delete()  # the breaker is tested by itself
        row = Delivery.objects.get()
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at
    assert waits[:9] == list(SCHEDULE)
    assert (row.state, row.attempts) == (State.DEAD, 10)
    assert row.reason == "given up after the last retry: HTTP 503"


def test_quick_retries_come_first() -> None:
    enqueue("a")
    now, waits = NOW, []
    for _ in range(3):
        finish(claim(at=now)[0], FAILED, now, schedule(2, 7))
        row = Delivery.objects.get()
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at
    assert waits == [7, 7, 5]


def test_what_the_endpoint_asks_for_is_waited_for() -> None:
    row = tried(replace(FAILED, status=429, retry_after=90.0))
    assert row.due_at == after(1 + 90)


def test_the_last_failure_tells_that_the_message_is_settled() -> None:
    enqueue("a")
    Delivery.objects.update(failures=9)
    assert finish(claim()[0], FAILED, NOW) == {"a"}


def test_what_cannot_succeed_is_dead_at_once() -> None:
    row = tried(TOO_LARGE)
    assert (row.state, row.reason, row.settled_at) == (State.DEAD, TOO_LARGE.error, after(1))
    assert not EndpointState.objects.exists()


def test_a_try_that_was_cut_is_made_again_and_not_counted() -> None:
    row = tried(CUT)
    assert (row.state, row.failures, row.due_at) == (State.RETRY, 0, after(1))
    assert Attempt.objects.get().outcome == Outcome.UNKNOWN
    assert not EndpointState.objects.exists()


def test_410_pauses_the_endpoint_and_loses_nothing() -> None:
    row = tried(GONE)
    assert (row.state, row.failures) == (State.RETRY, 0)
    assert "410 Gone" in EndpointState.objects.get().paused
    assert claim(at=after(10**6)) == []


def test_an_address_that_may_not_be_reached_is_dead_at_once_and_all_others_are_held() -> None:
    row = tried(REFUSED)
    assert (row.state, row.failures, row.reason) == (State.DEAD, 0, REFUSED.error)
    state = EndpointState.objects.get()
    assert state.paused.startswith("10.0.0.1 may not be reached; when that is done, resume it")
    assert state.failures == 0
    enqueue("another")
    assert claim(at=after(10**6)) == []


def test_410_is_remembered_although_another_try_succeeded_beside_it() -> None:
    enqueue("a", "b")
    first, second = claim()
    settle(
        [Finished(first, endpoint(), GONE, NOW), Finished(second, endpoint(), OK, NOW)],
        SCHEDULE,
        NoJitter(),
    )
    assert "410 Gone" in EndpointState.objects.get().paused


def test_long_errors_are_shortened() -> None:
    row = tried(replace(FAILED, error="x" * 1000))
    assert (len(row.reason), len(Attempt.objects.get().error)) == (500, 500)


@pytest.mark.parametrize("result", [FAILED, TOO_LARGE, REFUSED, GONE, CUT])
def test_a_claim_that_passed_on_changes_nothing_but_its_own_try(result: Result) -> None:
    enqueue("a")
    (late,) = claim()
    outbox.sweep(after(1000))
    (current,) = claim(at=after(1000))
    before = Delivery.objects.values().get()
    assert finish(late, result, after(1001)) == set()
    assert Delivery.objects.values().get() == before
    assert Attempt.objects.get(number=1).outcome == Outcome.LATE
    assert not EndpointState.objects.exists()
    assert finish(current, OK, after(1002)) == {"a"}


def test_a_claim_with_a_foreign_token_settles_nothing() -> None:
    enqueue("a")
    (got,) = claim()
    assert finish(stale(got), FAILED, NOW) == set()
    assert Delivery.objects.get().state == State.SENDING


@pytest.mark.parametrize("claimed_again", [True, False])
def test_what_was_accepted_although_its_claim_passed_on_is_not_sent_again(
    claimed_again: bool,
) -> None:
    enqueue("a")
    (late,) = claim()
    outbox.sweep(after(1000))
    current = claim(at=after(1000)) if claimed_again else []
    assert finish(late, OK, after(1001)) == {"a"}
    assert Delivery.objects.get().state == State.DELIVERED
    assert Attempt.objects.get(number=1).outcome == Outcome.DELIVERED
    for other in current:
        assert finish(other, FAILED, after(1002)) == set()
        assert Attempt.objects.get(number=2).outcome == Outcome.LATE
    assert Delivery.objects.get().state == State.DELIVERED
    assert claim(at=after(9999)) == []


@pytest.mark.parametrize("state", [State.DELIVERED, State.CANCELLED, State.DEAD])
def test_a_late_answer_does_not_bring_back_what_is_settled(state: State) -> None:
    enqueue("a")
    (got,) = claim()
    Delivery.objects.update(state=state)
    finish(got, FAILED, after(1))
    assert Delivery.objects.get().state == state


def test_a_late_success_is_not_settled_twice() -> None:
    enqueue("a")
    (got,) = claim()
    assert finish(got, OK, NOW) == {"a"}
    assert finish(got, OK, after(1)) == set()


def test_the_journal_keeps_what_was_tried_before() -> None:
    enqueue("a")
    finish(claim()[0], FAILED, NOW)
    finish(claim(at=after(60))[0], OK, after(60))
    assert [row.outcome for row in Attempt.objects.order_by("number")] == ["failed", "delivered"]
    assert Delivery.objects.get().created_at + timedelta(seconds=60) == after(60)
