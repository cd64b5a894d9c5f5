"""What a unit of work on the outbox takes with ROWS deliveries, of which every other one waits:
`python -m benchmarks.growth 1000000`.

In a database of its own, which goes afterwards; DATABASE_URL names an empty one of yours.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.numbers import number
from benchmarks.pages import ROWS, Visits, begin, main, where

if TYPE_CHECKING:  # the settings have to be there first
    from webhooks.models import Delivery

BATCH = 5000
# What a poller commits, and what a dispatcher claims and settles at a time.
QUEUED, SENT = 100, 8
TURNS = {"1": ", which warms up", "2": "", "3": ", which counts"}


def measure(folder: Path, visits: Visits, rows: int = ROWS) -> None:
    begin(
        folder,
        DEBUG="false",
        SECRET_KEY="only-to-measure",  # noqa: S106  # of nothing
        WEBHOOK_URL="https://hook.example/x",
    )
    _run(visits, rows)


def _run(visits: Visits, rows: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from configstore.declared import config_store
    from configstore.documents import ProcessingPrefs, WebhookConfig
    from webhooks import journal, outbox
    from webhooks.client import Result
    from webhooks.endpoints import described_endpoint
    from webhooks.settlement import Finished, settle

    call_command("migrate", verbosity=0)
    store, now = config_store(), timezone.now()
    endpoint = described_endpoint(store.get(WebhookConfig), store.get(ProcessingPrefs))
    assert endpoint is not None

    def fill() -> None:
        for first in range(0, rows, BATCH):
            outbox.enqueue(_deliveries(first, min(BATCH, rows - first), now))

    visits.heading(f"{number(rows)} deliveries in {where()}", "ms")
    visits.action("filling in, every other one waits", fill)
    accepted, rng = Result(delivered=True, status=200), random.Random(1)
    for turn, meaning in TURNS.items():
        visits.heading(f"turn {turn} of {len(TURNS)}{meaning}", "ms")
        fresh = list(_deliveries(rows, QUEUED, now, turn))
        visits.action(f"{QUEUED} are queued", partial(outbox.enqueue, fresh))
        visits.action(f"{SENT} are claimed", partial(outbox.claim, endpoint, SENT, now))
        claims = outbox.claim(endpoint, SENT, now)
        finished = [Finished(claim, endpoint, accepted, now) for claim in claims]
        visits.action(f"{SENT} are settled", partial(settle, finished, (), rng))
        visits.action("the next is looked for", partial(outbox.next_due, endpoint))
        visits.action("lapsed claims are looked for", partial(outbox.sweep, now))
        visits.action("endpoints with work are looked for", journal.waiting_endpoints)
        visits.action("all that waits is counted", journal.counts)


def _deliveries(first: int, count: int, now: datetime, kind: str = "") -> Iterator[Delivery]:
    """Without a kind every other one is settled."""
    from webhooks.models import Delivery, State

    for place in range(first, first + count):
        settled = now if place % 2 and not kind else None
        yield Delivery(
            message_id=f"{kind}{place:040x}",
            source="default",
            endpoint="default",
            webhook_id=f"msg_{kind}{random.getrandbits(128):032x}",
            subject=f"Lot {place}",
            sender_email="studio@example.org",
            payload='{"subject":"Lot"}',
            state=State.DELIVERED if settled else State.QUEUED,
            settled_at=settled,
            created_at=now,
            due_at=now - timedelta(seconds=place % 3600),
        )


if __name__ == "__main__":
    main("growth", __doc__, measure)
