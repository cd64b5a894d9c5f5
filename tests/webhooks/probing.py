"""Deliveries that fail, and the probes of an endpoint that keeps failing."""

from __future__ import annotations

import random

from tests.webhooks.examples import (
    FAILED,
    after,
    claim,
    endpoint,
    enqueue,
)
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.models import Delivery
from webhooks.outbox import Claim
from webhooks.retry import schedule
from webhooks.settlement import Finished, settle

STEPS = schedule(0, 0)


def finish(
    claims: list[Claim], result: Result, at: float = 0, of: Endpoint | None = None
) -> set[str]:
    finished = [Finished(got, of or endpoint(), result, after(at)) for got in claims]
    return settle(finished, STEPS, random.Random(7))


def fail(count: int, at: float = 0) -> None:
    """So many messages fail, one after the other, and wait for their retries."""
    names = [f"failed-{number}" for number in range(count)]
    enqueue(*names, at=after(at))
    for got in claim(count, after(at)):
        finish([got], FAILED, at)


def probe(at: float) -> list[str]:
    return [got.message_id for got in claim(10, after(at))]


def row(name: str) -> Delivery:
    return Delivery.objects.get(message_id=name)
