"""What the list of deliveries can be narrowed to."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from tests.webhooks.examples import enqueue
from tests.webhooks.staff import login
from webhooks.models import Attempt, Delivery, Outcome, State

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks/delivery/"


@pytest.fixture
def browser() -> Browser:
    return login("view_delivery")


def shown(browser: Browser, **query: str) -> set[str]:
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return {row.message_id for row in answer.context["cl"].result_list}


def tried(name: str, at: datetime, outcome: Outcome) -> None:
    delivery = Delivery.objects.get(message_id=name)
    Attempt.objects.create(
        delivery=delivery, number=1, token=uuid.uuid4(), started_at=at, outcome=outcome
    )


def test_what_is_not_settled(browser: Browser) -> None:
    enqueue("queued", "sending", "retry", "done", "dead", at=timezone.now())
    for state in (State.SENDING, State.RETRY, State.DEAD):
        Delivery.objects.filter(message_id=state).update(state=state)
    Delivery.objects.filter(message_id__in=["done", "dead"]).update(settled_at=timezone.now())
    assert shown(browser, open="yes") == {"queued", "sending", "retry"}


def test_what_failed_in_the_last_day_or_in_an_hour(browser: Browser) -> None:
    now = timezone.now()
    enqueue("fresh", "old", "well", "never", at=now)
    tried("fresh", now - timedelta(hours=23), Outcome.FAILED)
    tried("old", now - timedelta(hours=25), Outcome.FAILED)
    tried("well", now, Outcome.DELIVERED)
    assert shown(browser, failed="day") == {"fresh"}
    hour = [now - timedelta(hours=hours) for hours in (25.5, 24.5)]
    assert shown(browser, failed=",".join(at.isoformat() for at in hour)) == {"old"}


@pytest.mark.parametrize("value", ["nonsense", ",", "2026-11-20,2026-11-21", "1,2,3"])
def test_a_time_that_makes_no_sense_is_taken_for_the_day(browser: Browser, value: str) -> None:
    enqueue("a", at=timezone.now())
    assert shown(browser, failed=value) == set()
