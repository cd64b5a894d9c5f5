"""An endpoint that keeps failing is left alone but for one probe at a time."""

from __future__ import annotations

import pytest

from tests.webhooks.examples import (
    CUT,
    FAILED,
    GONE,
    NOW,
    OK,
    REFUSED,
    TOO_LARGE,
    after,
    claim,
    enqueue,
)
from tests.webhooks.probing import fail, finish, probe, row
from webhooks.client import Result
from webhooks.interventions import resume
from webhooks.journal import endpoint_trouble
from webhooks.models import Delivery, EndpointState, State
from webhooks.retry import FAILURES_TO_TELL

pytestmark = pytest.mark.django_db


def test_four_failures_do_not_open_it() -> None:
    fail(4)
    enqueue("a", "b")
    assert len(claim(10)) == 2


def test_five_failures_in_a_row_open_it() -> None:
    fail(5)
    enqueue("a")
    state = EndpointState.objects.get()
    assert (state.failures, state.failing_since, state.probe_at) == (5, NOW, after(5))
    assert claim(10, after(4.9)) == []


def test_a_success_between_them_begins_anew() -> None:
    fail(4)
    enqueue("good")
    finish(claim(1), OK)
    assert EndpointState.objects.get().failures == 0


@pytest.mark.parametrize("result", [CUT, TOO_LARGE, REFUSED])
def test_what_is_not_the_fault_of_the_endpoint_does_not_count(result: Result) -> None:
    fail(4)
    enqueue("a")
    finish(claim(1), result)
    assert EndpointState.objects.get().failures == 4


def test_a_probe_is_one_delivery_and_says_that_it_is_one() -> None:
    fail(5)
    enqueue("a", "b")
    (got,) = claim(10, after(5))
    assert got.probe
    assert claim(10, after(5.1)) == []


def test_a_probe_does_not_wait_for_a_retry_that_is_far_away() -> None:
    fail(5)
    Delivery.objects.update(due_at=after(80_000))
    assert len(probe(5)) == 1


def test_probes_take_turns_beginning_with_the_least_recently_tried() -> None:
    fail(5)
    enqueue("never-tried")
    order = []
    for number in range(3):
        claims = claim(10, after(100 * (number + 1)))
        order += [got.message_id for got in claims]
        finish(claims, FAILED, 100 * (number + 1))
    assert order == ["never-tried", "failed-0", "failed-1"]


def test_a_probe_that_fails_does_not_use_up_a_try() -> None:
    fail(5)
    enqueue("a")
    finish(claim(10, after(5)), FAILED, 6)
    assert (row("a").state, row("a").failures, row("a").attempts) == (State.RETRY, 0, 1)


def test_probes_slow_down() -> None:
    fail(5)
    for at, next_at in ((5, 15), (15, 35), (35, 65), (65, 95)):
        finish(claim(10, after(at)), FAILED, at)
        assert EndpointState.objects.get().probe_at == after(next_at)


def test_a_probe_that_is_never_heard_of_again_is_followed_by_another() -> None:
    fail(5)
    enqueue("a")
    assert probe(5) == ["a"]
    assert len(probe(60)) == 1


def test_what_an_endpoint_asks_for_is_granted_to_it_while_it_fails_too() -> None:
    fail(5)
    asked = Result(delivered=False, status=429, error="HTTP 429", retry_after=600.0)
    finish(claim(10, after(5)), asked, 5)
    assert claim(10, after(300)) == []
    assert len(claim(10, after(606))) == 1


def test_a_success_closes_it_and_pulls_forward_what_waits() -> None:
    fail(5)
    Delivery.objects.update(due_at=after(80_000))
    finish(claim(10, after(5)), OK, 6)
    waiting = Delivery.objects.filter(state=State.RETRY)
    assert [delivery.due_at for delivery in waiting] == [after(6)] * 4
    assert len(claim(10, after(6))) == 4


def test_what_people_are_told_of_leaves_whole_with_the_next_success() -> None:
    fail(FAILURES_TO_TELL)
    enqueue("next", at=after(2))
    finish(claim(1, after(2)), OK, 3)
    waiting = Delivery.objects.filter(state=State.RETRY)
    assert [delivery.due_at for delivery in waiting] == [after(3)] * FAILURES_TO_TELL


def test_after_fewer_failures_each_keeps_its_own_time() -> None:
    """One that fails by itself must not use up its tries on the successes of others."""
    fail(FAILURES_TO_TELL - 1)
    own = {row.pk: row.due_at for row in Delivery.objects.all()}
    enqueue("next", at=after(2))
    finish(claim(1, after(2)), OK, 3)
    assert {row.pk: row.due_at for row in Delivery.objects.filter(state=State.RETRY)} == own


def test_who_resumes_a_failing_endpoint_uses_up_no_try_and_forgets_no_failure() -> None:
    """So often that people are told, and the delivery keeps the step of its schedule."""
    fail(1)
    for click in range(1, 4):
        now = 10.0 * click
        Delivery.objects.update(due_at=after(now + 1800))
        assert resume(EndpointState.objects.all(), after(now)) == 1
        assert resume(EndpointState.objects.all(), after(now)) == 1
        finish(claim(1, after(now)), FAILED, now)
        assert row("failed-0").failures == 1
        assert row("failed-0").due_at <= after(now + 7)
        assert EndpointState.objects.get().failures == 1 + click
    assert EndpointState.objects.get().failures == FAILURES_TO_TELL
    assert EndpointState.objects.get().failing_since == after(0)


def test_who_resumes_a_shut_endpoint_has_it_asked_at_once() -> None:
    fail(6)
    assert claim(10, after(1)) == []
    resume(EndpointState.objects.all(), after(1))
    (probe_now,) = claim(10, after(1))
    finish([probe_now], FAILED, 2)
    assert EndpointState.objects.get().failures == 7
    assert claim(10, after(3)) == []


def test_an_outage_of_hours_costs_few_requests_and_no_tries() -> None:
    enqueue(*[f"mail-{number}" for number in range(60)])
    sent, now = 0, 0.0
    while now < 3600:
        claims = claim(8, after(now))
        finish(claims, FAILED, now)
        sent, now = sent + len(claims), now + 6
    assert sent < 8 + 3600 / 30 + 10
    assert max(delivery.failures for delivery in Delivery.objects.all()) <= 1


def test_a_paused_endpoint_is_not_probed() -> None:
    fail(4)
    enqueue("a")
    finish(claim(1), GONE)
    assert EndpointState.objects.get().failures == 5
    assert claim(10, after(10**5)) == []


def test_the_trouble_of_an_endpoint_is_told() -> None:
    assert endpoint_trouble("default") == ""
    fail(1)
    assert endpoint_trouble("default") == "HTTP 503"
    finish(claim(10, after(60)), GONE, 60)
    assert endpoint_trouble("default").startswith("the endpoint answered 410 Gone")


def test_a_success_ends_the_trouble() -> None:
    fail(1)
    finish(claim(10, after(60)), OK, 60)
    assert endpoint_trouble("default") == ""
    assert EndpointState.objects.get().failing_since is None
