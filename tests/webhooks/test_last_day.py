"""What is counted of the last 24 hours."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.webhooks.examples import enqueue
from webhooks.last_day import LastDay, last_day, slowest_endpoint, transfers
from webhooks.models import Attempt, Delivery, Outcome, State, Transfer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)


def settle(name: str, at: datetime, state: State = State.DELIVERED) -> None:
    enqueue(name, at=at)
    Delivery.objects.filter(message_id=name).update(state=state, settled_at=at)


def attempt(name: str, number: int, at: datetime, seconds: float | None, outcome: Outcome) -> None:
    Attempt.objects.create(
        delivery=Delivery.objects.get(message_id=name), number=number, token=uuid.uuid4(),
        started_at=at, outcome=outcome,
        ended_at=None if seconds is None else at + timedelta(seconds=seconds),
    )  # fmt: skip


def hours(day: LastDay, kind: str) -> dict[int, int]:
    """Those in which there was anything, by how many hours of the clock ago they were."""
    last = day.hours[-1].ends
    return {int((last - hour.ends).total_seconds() // 3600): count for hour in day.hours
            if (count := getattr(hour, kind))}  # fmt: skip


def test_what_was_settled_is_counted_by_its_hour() -> None:
    settle("now", NOW)
    settle("before", NOW - timedelta(minutes=31))
    settle("first", NOW - timedelta(hours=24))
    settle("too old", NOW - timedelta(hours=24, seconds=1))
    settle("dead", NOW - timedelta(hours=5), State.DEAD)
    settle("cancelled", NOW, State.CANCELLED)
    day = last_day(NOW)
    assert hours(day, "delivered") == {0: 1, 1: 1, 24: 1}
    assert hours(day, "dead") == {5: 1}
    assert (day.delivered, day.dead, len(day.hours)) == (3, 1, 25)


def test_a_delivery_that_fails_in_two_hours_is_one_that_failed() -> None:
    enqueue("a", at=NOW)
    attempt("a", 1, NOW - timedelta(hours=2), 1, Outcome.FAILED)
    attempt("a", 2, NOW - timedelta(hours=2, minutes=1), 1, Outcome.FAILED)
    attempt("a", 3, NOW, 1, Outcome.FAILED)
    attempt("a", 4, NOW, 1, Outcome.DELIVERED)
    attempt("a", 5, NOW - timedelta(hours=25), 1, Outcome.FAILED)
    day = last_day(NOW)
    assert hours(day, "failed") == {0: 1, 2: 1}
    assert day.failed == 1


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kolkata", "America/New_York", "UTC"])
def test_the_time_zone_of_the_page_changes_nothing(zone: str) -> None:
    """The clocks of Paris were put forward in this night."""
    for ago in range(0, 24, 3):
        settle(f"a{ago}", NOW - timedelta(hours=ago))
    with timezone.override(ZoneInfo(zone)):
        day = last_day(NOW.astimezone(ZoneInfo(zone)))
    assert hours(day, "delivered") == dict.fromkeys(range(0, 24, 3), 1)


def test_the_slowest_endpoint_is_that_with_the_slowest_mean() -> None:
    enqueue("a", "b", at=NOW)
    Delivery.objects.filter(message_id="b").update(endpoint="crm")
    for number in range(1, 41):
        attempt("a", number, NOW - timedelta(minutes=number), number / 100, Outcome.DELIVERED)
    attempt("b", 1, NOW, 0.1, Outcome.FAILED)
    attempt("b", 2, NOW, None, Outcome.UNKNOWN)
    attempt("b", 3, NOW - timedelta(hours=25), 100, Outcome.FAILED)
    speed = slowest_endpoint(NOW)
    assert speed is not None
    assert (speed.endpoint, speed.delivery_id) == (
        "default",
        Delivery.objects.get(message_id="a").pk,
    )
    assert speed.mean == pytest.approx(0.205, abs=0.001)
    assert (speed.p95, speed.longest) == pytest.approx((0.38, 0.4), abs=0.001)


def test_without_tries_there_is_no_slowest_endpoint() -> None:
    assert slowest_endpoint(NOW) is None


def test_files_count_by_how_they_ended_last() -> None:
    day, old = NOW - timedelta(hours=1), NOW - timedelta(hours=25)
    for number, (stored, failed) in enumerate(
        [(day, None), (day, None), (day, day), (None, day), (old, None), (old, old), (day, old)]
    ):
        Transfer.objects.create(
            digest=str(number), source="x", transferred_at=stored, failed_at=failed
        )
    counted = transfers(NOW)
    assert (counted.stored, counted.failed, counted.percent) == (2, 2, 50)
