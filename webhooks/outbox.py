"""Units of work on the outbox: enqueue, claim, extend, give back, sweep.

Each is one short transaction; none holds it while a socket is open. Times are passed in.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Min, Q, QuerySet, Value, When

from runtime.bulk_insert import insert
from runtime.clock import boot_time
from webhooks.claimed import note_claimed
from webhooks.endpoints import Endpoint
from webhooks.models import TO_OFFLOAD, WAITING, Attempt, Delivery, EndpointState, State
from webhooks.outages import endpoint_state
from webhooks.retry import FAILURES_TO_OPEN, probe_delay

# Short, and extended while the request is under way: what a killed process had under way is
# sent again within seconds, not after the longest time that a request may take.
LEASE = timedelta(seconds=10)
# Further ahead than leases and probes, and retries, are ever set: the clock was wrong then. One
# that is put back must not keep deliveries, or an endpoint, for as long as it was ahead.
AHEAD, RETRY_AHEAD = timedelta(hours=2), timedelta(hours=36)
# More than the clocks of two containers differ. Nothing was queued or tried so far in the future.
SKEW = timedelta(minutes=1)
CLAIMED = (
    "pk", "source", "endpoint", "message_id", "webhook_id", "subject", "payload",
    "attempts", "failures", "outage_mark", "received_at",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to send one delivery until its lease ends. probe: the endpoint was failing, and
    this try is to find out whether it still does."""

    delivery_id: int
    source: str
    endpoint: str
    message_id: str
    webhook_id: str
    subject: str
    payload: str
    number: int
    failures: int
    outage_mark: float | None
    received_at: datetime | None = None
    token: uuid.UUID
    probe: bool
    taken_at: float = field(default_factory=boot_time)

    @property
    def age(self) -> float:
        """In seconds."""
        return boot_time() - self.taken_at

    @property
    def over(self) -> bool:
        """Whether the first lease has ended: by now somebody else may have it."""
        return self.age >= LEASE.total_seconds()


def enqueue(deliveries: Iterable[Delivery]) -> None:
    """Queue these; of those that exist nothing is changed. Belongs into the transaction that
    remembers the messages."""
    insert(deliveries, ignore_conflicts=True)


def claim(
    endpoint: Endpoint,
    limit: int,
    now: datetime,
    sources: Collection[str] | None = None,
    *,
    troubled: bool = True,
) -> list[Claim]:
    """Take up to `limit` deliveries that are due, the oldest first; of these sources if given.

    While the endpoint is failing, that is one probe when its time has come: of the delivery
    that was tried least recently, so that no single one can keep the endpoint shut. Not
    troubled: a moment ago it was seen without failures, so that is not looked up again.
    """
    with transaction.atomic():
        state = _known_state(endpoint) if troubled else None
        if state is not None and state.paused:
            return []
        probe = state is not None and state.failures >= FAILURES_TO_OPEN
        rows = lockable(_waiting(endpoint.id, sources))
        if probe:
            if state is None or (state.probe_at is not None and state.probe_at > now):
                return []
            rows = rows.order_by(F("tried_at").asc(nulls_first=True), "id")
            limit = 1
        else:
            rows = rows.filter(due_at__lte=now).order_by("due_at", "id")
        chosen = list(rows.values_list(*CLAIMED, named=True)[:limit])
        if not chosen:
            return []
        if probe and state is not None:
            state.probe_at = now + timedelta(seconds=probe_delay(state.failures))
            state.save(update_fields=["probe_at"])
        return _take(chosen, now, probe)


def _waiting(endpoint_id: str, sources: Collection[str] | None) -> QuerySet[Delivery]:
    """Those whose body is final. The last condition is that of the index."""
    rows = Delivery.objects.filter(endpoint=endpoint_id, state__in=WAITING, settled_at__isnull=True)
    if settings.R2_FETCH_ENABLED:
        rows = rows.exclude(TO_OFFLOAD)
    return rows if sources is None else rows.filter(source__in=sources)


def lockable(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Rows that another process is claiming are passed over where the database can do that."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows


def _take(chosen: list[Any], now: datetime, probe: bool) -> list[Claim]:
    token = uuid.uuid4()
    note_claimed([row.pk for row in chosen], token, now, now + LEASE)
    return [
        Claim(
            delivery_id=row.pk,
            source=row.source,
            endpoint=row.endpoint,
            message_id=row.message_id,
            webhook_id=row.webhook_id,
            subject=row.subject,
            payload=row.payload,
            number=row.attempts + 1,
            failures=row.failures,
            outage_mark=row.outage_mark,
            received_at=row.received_at,
            token=token,
            probe=probe,
        )
        for row in chosen
    ]


def _known_state(endpoint: Endpoint) -> EndpointState | None:
    """What is known of the endpoint; forgotten when its address changes."""
    state = endpoint_state(endpoint.id)
    if state is not None and state.fingerprint != endpoint.fingerprint:
        state.delete()
        Delivery.objects.filter(endpoint=endpoint.id, state=State.RETRY).update(
            due_at=F("created_at"), failures=0, outage_mark=None
        )
        return None
    return state


def extend(claims: Iterable[Claim], now: datetime) -> None:
    """Keep the leases of what is still under way; not those that somebody else has by now."""
    Delivery.objects.filter(
        state=State.SENDING, token__in={claim.token for claim in claims}
    ).update(lease_until=now + LEASE)


def give_back(claims: Sequence[Claim]) -> None:
    """Undo the claims of what was not begun: it waits as before. What somebody else has by now
    is left alone."""
    if not claims:
        return
    ids, tokens = [claim.delivery_id for claim in claims], {claim.token for claim in claims}
    first = Q(attempts=1)
    with transaction.atomic():
        rows = Delivery.objects.filter(pk__in=ids, state=State.SENDING, token__in=tokens)
        rows.update(
            state=Case(When(first, then=Value(State.QUEUED)), default=Value(State.RETRY)),
            tried_at=Case(When(first, then=None), default=F("tried_at")),
            attempts=F("attempts") - 1,
            token=None,
            lease_until=None,
        )
        Attempt.objects.filter(delivery_id__in=ids, token__in=tokens).delete()


def sweep(now: datetime) -> list[Delivery]:
    """Give back what was claimed by somebody who did not come back, and what waits but bears the
    time of an end: nobody would ever claim it. What it was."""
    over = Q(lease_until__lt=now) | Q(lease_until__gt=now + AHEAD)
    lapsed = _swept(
        Delivery.objects.filter(over, state=State.SENDING),
        state=State.RETRY, due_at=now, token=None, lease_until=None,
    )  # fmt: skip
    ended = Delivery.objects.filter(state__in=(*WAITING, State.SENDING), settled_at__lte=now)
    return lapsed + _swept(ended, settled_at=None)


def _swept(found: QuerySet[Delivery], **changes: object) -> list[Delivery]:
    rows = list(found.only("message_id", "webhook_id", "endpoint"))
    if rows:
        found.filter(pk__in=[row.pk for row in rows]).update(**changes)
    return rows


def catch_up(now: datetime) -> int:
    """Have due what waits for a moment of a clock that was ahead. How much there was."""
    EndpointState.objects.filter(probe_at__gt=now + AHEAD).update(probe_at=now)
    waiting = Delivery.objects.filter(state__in=WAITING, settled_at__isnull=True)
    waiting.filter(lease_until__gt=now + AHEAD).update(lease_until=None)
    late = waiting.filter(due_at__gt=now)
    never_tried = late.filter(tried_at__isnull=True, created_at__gt=now + SKEW)
    count = sum(
        rows.update(due_at=now) for rows in (late.filter(tried_at__gt=now + SKEW), never_tried)
    )
    return count + waiting.filter(due_at__gt=now + RETRY_AHEAD).update(due_at=now)


def next_due(endpoint: Endpoint, sources: Collection[str] | None = None) -> datetime | None:
    """When the next waiting delivery may be claimed, None if none waits.

    While the endpoint is failing that is the time of its probe, whatever the deliveries' own.
    """
    waiting = _waiting(endpoint.id, sources)
    due = waiting.order_by("due_at", "id").values_list("due_at", flat=True).first()
    state = EndpointState.objects.filter(endpoint=endpoint.id).first()
    if due is None or state is None:
        return due
    if state.fingerprint != endpoint.fingerprint:
        # The claim will forget the old address.
        since: datetime = waiting.aggregate(since=Min("created_at"))["since"]
        return min(due, since)
    if state.paused:
        return None
    return state.probe_at or due
