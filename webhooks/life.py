"""Deliveries with their tries, as the pages of the journal show them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from configstore.store import ConfigStore
from webhooks.interventions import SENDABLE
from webhooks.link_files import LinkFile, link_files
from webhooks.models import SETTLED, WAITING, Attempt, Delivery, Outcome, State
from webhooks.remedy import Remedy
from webhooks.standing import standing, waiting_endpoints
from webhooks.statuses import meaning, meaning_of

# A failing endpoint may be asked thousands of times.
MOST_TRIES = 50
EXCERPT = 300


@dataclass(frozen=True, kw_only=True)
class Try:
    """meaning: what its status means, where no later try has said so."""

    attempt: Attempt
    meaning: str = ""

    @property
    def seconds(self) -> float | None:
        ended = self.attempt.ended_at
        return None if ended is None else (ended - self.attempt.started_at).total_seconds()

    @property
    def error(self) -> str:
        """ "" where it says no more than the status."""
        attempt = self.attempt
        return "" if attempt.error == f"HTTP {attempt.status}" else attempt.error

    @property
    def excerpt(self) -> str:
        return self.attempt.answer[:EXCERPT]

    @property
    def cut(self) -> bool:
        return len(self.attempt.answer) > EXCERPT


@dataclass(frozen=True, kw_only=True)
class Life:
    """state: in a word. standing: what it waits for, or why it has ended; remedy: what lets it go.
    tries: the last one comes first."""

    delivery: Delivery
    state: str
    standing: str
    remedy: Remedy | None = None
    tries: Sequence[Try] = field(default_factory=tuple)
    files: Sequence[LinkFile] = field(default_factory=tuple)

    @property
    def earlier(self) -> int:
        """How many tries are not shown."""
        return max(0, self.delivery.attempts - MOST_TRIES)

    @property
    def meaning(self) -> str:
        """Of what it has ended with."""
        return meaning_of(self.delivery.reason)

    @property
    def can_be_sent_again(self) -> bool:
        return self.delivery.state in (*SENDABLE, State.DELIVERED)

    @property
    def was_delivered(self) -> bool:
        return self.delivery.state == State.DELIVERED

    @property
    def can_be_cancelled(self) -> bool:
        return self.delivery.state in WAITING

    @property
    def waits(self) -> bool:
        return self.delivery.state not in SETTLED

    @property
    def ended_at(self) -> datetime:
        """Of one that has ended: when, or the last that is known of it."""
        row = self.delivery
        return row.settled_at or row.tried_at or row.created_at

    @property
    def body(self) -> str:
        return json.dumps(json.loads(self.delivery.payload), ensure_ascii=False, indent=2)


def lives(
    deliveries: Sequence[Delivery], store: ConfigStore, now: datetime, *, with_files: bool = False
) -> list[Life]:
    """with_files reads the payload of each."""
    stand = standing(store, waiting_endpoints(deliveries), now)
    tries, files = _tries(deliveries), link_files(deliveries) if with_files else {}
    return [
        Life(
            delivery=each,
            state=stand.state_of(each),
            standing=stand.of(each),
            remedy=stand.remedy(each),
            tries=tries[each.pk],
            files=files.get(each.pk, ()),
        )
        for each in deliveries
    ]


def _tries(deliveries: Sequence[Delivery]) -> dict[int, list[Try]]:
    tries: dict[int, list[Try]] = defaultdict(list)
    if not deliveries:
        return tries
    last = (Q(delivery=each, number__gt=each.attempts - MOST_TRIES) for each in deliveries)
    said = {each.pk: {"", meaning_of(each.reason)} for each in deliveries}
    for attempt in Attempt.objects.filter(reduce(or_, last)).order_by("-number"):
        means = "" if attempt.outcome == Outcome.DELIVERED else meaning(attempt.status)
        known = said[attempt.delivery_id]
        shown = "" if means in known else means
        tries[attempt.delivery_id].append(Try(attempt=attempt, meaning=shown))
        known.add(means)
    return tries
