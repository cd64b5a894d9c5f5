"""How long an endpoint may fail before its deliveries are given up, and what does not count."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from tests.webhooks.examples import FAILED, NOW, OK, after, claim, endpoint, enqueue
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.models import Delivery, EndpointState, State
from webhooks.retry import FAILURES_TO_OPEN, schedule
from webhooks.settlement import Finished, settle

pytestmark = pytest.mark.django_db

STEPS = schedule(0, 0)
ALL_THE_TIME = sum(STEPS)
HOUR, DAY = 3600.0, 86400.0
MOVED = endpoint("https://elsewhere.example.com/hook")


def open_breaker(at: float = 0) -> None:
    EndpointState.objects.create(
        endpoint="default",
        fingerprint=endpoint().fingerprint,
        failures=FAILURES_TO_OPEN,
        failing_since=after(at),
        failed_at=after(at),
    )


def probe(at: float, result: Result = FAILED, to: Endpoint | None = None) -> set[str]:
    """One probe, at that second. The ids of the messages that are settled by it."""
    claims = claim(1, after(at), to)
    finished = [Finished(got, to or endpoint(), result, after(at)) for got in claims]
    return settle(finished, STEPS, random.Random(7))


def probe_hourly(begin: float, end: float) -> set[str]:
    dead, at = set(), begin
    while at < end:
        dead |= probe(at)
        at += HOUR
    return dead


def delivery() -> Delivery:
    return Delivery.objects.get()


def test_an_endpoint_that_is_dead_for_days_ends_in_dead_letters() -> None:
    open_breaker()
    enqueue("a", "b")
    assert probe_hourly(10, ALL_THE_TIME) == set()
    assert probe_hourly(ALL_THE_TIME + HOUR, ALL_THE_TIME + 5 * HOUR) == {"a", "b"}
    reasons = set(Delivery.objects.values_list("state", "reason"))
    assert reasons == {(State.DEAD, "given up after the last retry: HTTP 503")}


def test_the_time_begins_with_the_first_try_and_not_when_it_was_queued() -> None:
    enqueue("a", at=NOW)
    open_breaker(10 * DAY)
    assert probe(10 * DAY + 60) == set()
    assert delivery().state == State.RETRY


def test_a_mail_that_comes_while_the_endpoint_is_long_dead_has_all_its_time() -> None:
    open_breaker()
    EndpointState.objects.update(outage_seconds=20 * DAY)
    enqueue("a")
    assert probe_hourly(10, ALL_THE_TIME) == set()
    assert probe_hourly(ALL_THE_TIME + HOUR, ALL_THE_TIME + 4 * HOUR) == {"a"}


def test_time_in_which_nobody_tried_does_not_count() -> None:
    open_breaker()
    enqueue("a")
    assert probe(10) == set()
    for week in range(1, 20):
        assert probe(week * 7 * DAY) == set()
    assert delivery().state == State.RETRY
    assert EndpointState.objects.get().outage_seconds == 20 * HOUR - HOUR + 10


def test_time_in_which_the_endpoint_was_well_does_not_count() -> None:
    enqueue("a", "b")
    open_breaker()
    probe(10)
    probe(20, OK)
    EndpointState.objects.update(failures=FAILURES_TO_OPEN, failing_since=after(9 * DAY))
    assert probe(9 * DAY) == set()
    assert EndpointState.objects.get().outage_seconds == 10


def test_what_failed_by_itself_before_the_outage_has_its_time_from_then() -> None:
    enqueue("a")
    probe(0)
    EndpointState.objects.update(failures=FAILURES_TO_OPEN)
    assert probe_hourly(5, ALL_THE_TIME) == set()
    assert probe_hourly(ALL_THE_TIME + HOUR, ALL_THE_TIME + 3 * HOUR) == {"a"}


def test_another_address_begins_anew() -> None:
    enqueue("a")
    open_breaker()
    probe_hourly(10, 2 * DAY)
    Delivery.objects.update(failures=9)
    assert probe(3 * DAY, FAILED, MOVED) == set()
    row = delivery()
    assert (row.state, row.failures, row.outage_mark) == (State.RETRY, 1, 0.0)


def test_a_probe_of_the_old_address_is_no_measure_for_the_new_one() -> None:
    enqueue("a")
    open_breaker()
    (old,) = claim(1, after(10))
    EndpointState.objects.update(fingerprint=MOVED.fingerprint, outage_seconds=20 * DAY)
    assert settle([Finished(old, endpoint(), FAILED, after(20))], STEPS, random.Random(7)) == set()
    assert (delivery().state, delivery().outage_mark) == (State.RETRY, None)


def test_rows_from_before_the_upgrade_have_all_their_time() -> None:
    enqueue("a", at=NOW - timedelta(days=30))
    open_breaker()
    Delivery.objects.update(state=State.RETRY, attempts=40, tried_at=NOW - timedelta(days=20))
    EndpointState.objects.update(failed_at=None, failing_since=NOW - timedelta(days=30))
    assert probe(10) == set()
    assert delivery().state == State.RETRY
