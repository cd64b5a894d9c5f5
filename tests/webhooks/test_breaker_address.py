"""An endpoint that has another address is another endpoint, and tried at once."""

from __future__ import annotations

import random

import pytest

from tests.webhooks.examples import (
    FAILED,
    GONE,
    REFUSED,
    after,
    claim,
    endpoint,
    enqueue,
)
from tests.webhooks.probing import STEPS, fail, finish
from webhooks.client import Result
from webhooks.models import Delivery, EndpointState
from webhooks.outbox import next_due
from webhooks.settlement import Finished, settle

pytestmark = pytest.mark.django_db
MOVED = endpoint("https://elsewhere.example.com/hook")


def test_another_address_is_another_endpoint() -> None:
    fail(5)
    finish(claim(10, after(5)), GONE, 5)
    assert len(claim(10, after(6), to=MOVED)) == 5
    assert not EndpointState.objects.exists()


@pytest.mark.parametrize("result", [FAILED, GONE])
def test_another_address_is_tried_at_once(result: Result) -> None:
    enqueue("a")
    finish(claim(1), result)
    Delivery.objects.update(due_at=after(80_000))
    due = next_due(MOVED)
    assert due is not None
    assert due <= after(1)
    assert len(claim(10, after(1), to=MOVED)) == 1


def test_what_a_forbidden_address_holds_leaves_for_another_one_at_once() -> None:
    enqueue("a", "b")
    finish(claim(1), REFUSED)
    assert claim(10, after(1)) == []
    assert [got.message_id for got in claim(10, after(1), to=MOVED)] == ["b"]


def test_a_late_answer_of_the_old_address_says_nothing_about_the_new_one() -> None:
    enqueue("old", "new")
    (old,) = claim(1)
    (new,) = claim(1, to=MOVED)
    finish([new], FAILED, 1, of=MOVED)
    finish([old], GONE, 2)
    enqueue("next")
    assert EndpointState.objects.get().paused == ""
    assert len(claim(10, after(60), to=MOVED)) > 0


def test_both_addresses_in_one_batch_are_judged_apart() -> None:
    enqueue("old", "new")
    (old,) = claim(1)
    (new,) = claim(1, to=MOVED)
    batch = [Finished(old, endpoint(), GONE, after(1)), Finished(new, MOVED, FAILED, after(1))]
    settle(batch, STEPS, random.Random(7))
    enqueue("next", at=after(2))
    assert "next" in [got.message_id for got in claim(10, after(2), to=MOVED)]
