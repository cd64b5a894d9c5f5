"""What the outbox can be asked. Nothing here changes a row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, F, Min, OuterRef, QuerySet, When

from webhooks.models import SETTLED, WAITING, Attempt, Delivery, EndpointState, State

LONGEST_TRY = timedelta(minutes=10)
FAR = timedelta(days=1)


def oldest_waiting() -> datetime | None:
    """When the delivery that waits longest was queued."""
    oldest: datetime | None = open_deliveries().aggregate(oldest=Min("created_at"))["oldest"]
    return oldest


def waiting_count(endpoint: str | None = None) -> int:
    rows = _waiting()
    return (rows if endpoint is None else rows.filter(endpoint=endpoint)).count()


def counts() -> dict[str, dict[str, int]]:
    """How many deliveries of each endpoint are to be sent, under way or dead, by state."""
    rows = Delivery.objects.filter(state__in=(*WAITING, State.SENDING, State.DEAD))
    found: dict[str, dict[str, int]] = {}
    for endpoint, state, count in rows.values_list("endpoint", "state").annotate(Count("id")):
        found.setdefault(endpoint, {})[state] = count
    return found


def open_by_endpoint() -> dict[str, tuple[int, datetime, datetime]]:
    """For each endpoint that has any to be sent or under way, how many, when the oldest was
    queued, and when the first is due."""
    rows = (
        open_deliveries()
        .values("endpoint")
        .annotate(count=Count("id"), oldest=Min("created_at"), due=Min("due_at"))
    )
    return {row["endpoint"]: (row["count"], row["oldest"], row["due"]) for row in rows}


def oldest_open(created_at: datetime) -> Delivery | None:
    """One of those that were queued at this moment, without its payload."""
    return open_deliveries().filter(created_at=created_at).defer("payload").first()


def dead_by_reason() -> list[tuple[str, str, int, datetime | None]]:
    """Endpoint, reason, how many, and since when there is one; the most frequent first."""
    rows = Delivery.objects.filter(state=State.DEAD).values_list("endpoint", "reason")
    counted = rows.annotate(count=Count("*"), first=Min("settled_at"))
    return sorted(counted, key=lambda row: (-row[2], row[:2]))


def endpoint_states() -> dict[str, EndpointState]:
    """By the names of the endpoints."""
    return {state.endpoint: state for state in EndpointState.objects.all()}


def tries_since(moment: datetime) -> dict[str, int]:
    """How many tries were begun since then, by endpoint."""
    counts = _tries_since(moment).values_list("delivery__endpoint").annotate(Count("id"))
    return dict(counts)


def try_since(moment: datetime, endpoint: str, number: int) -> datetime | None:
    """When the try of this number was begun, counted from 0 and from then on."""
    rows = _tries_since(moment).filter(delivery__endpoint=endpoint).order_by("started_at")
    return rows.values_list("started_at", flat=True)[number : number + 1].first()


def _tries_since(moment: datetime) -> QuerySet[Attempt]:
    """A moment to come is that of a clock that was ahead."""
    return Attempt.objects.filter(started_at__gt=moment, started_at__lt=moment + FAR)


def dead_count() -> int:
    return Delivery.objects.filter(state=State.DEAD).count()


def endpoint_trouble(endpoint_id: str) -> str:
    """What an endpoint suffers from, "" if nothing is known."""
    state = EndpointState.objects.filter(endpoint=endpoint_id).first()
    return (state.paused or state.last_error) if state else ""


def died(endpoint: str, after: datetime, until: datetime) -> tuple[int, str]:
    """How many deliveries to it are dead since then, and why the last of them is."""
    rows = Delivery.objects.filter(
        endpoint=endpoint, state=State.DEAD, settled_at__gt=after, settled_at__lte=until
    )
    reason = rows.order_by("-settled_at").values_list("reason", flat=True).first()
    return (0, "") if reason is None else (rows.count(), reason)


def has_dead(endpoint: str, after: datetime) -> bool:
    """Whether any delivery to it that has died since then still is dead."""
    rows = Delivery.objects.filter(endpoint=endpoint, state=State.DEAD, settled_at__gt=after)
    return rows.exists()


def has_delivered(endpoint: str, after: datetime) -> bool:
    """Whether it has taken any delivery since then."""
    return Delivery.objects.filter(
        endpoint=endpoint,
        state=State.DELIVERED,
        settled_at__gt=after,
        tried_at__gt=after - LONGEST_TRY,  # for its index
    ).exists()


def has_ever_delivered(endpoint: str) -> bool:
    """As far as the journal goes back."""
    return Delivery.objects.filter(state=State.DELIVERED, endpoint=endpoint).exists()


def waiting_by_endpoint() -> dict[str, tuple[int, datetime]]:
    """For each endpoint that anything waits for, how many, and since when the oldest does: what
    was sent again by hand waits since then."""
    queued_at = Case(When(state=State.QUEUED, then=F("due_at")), default=F("created_at"))
    rows = _waiting().values("endpoint").annotate(count=Count("id"), oldest=Min(queued_at))
    return {row["endpoint"]: (row["count"], row["oldest"]) for row in rows}


def waiting_endpoints() -> set[str]:
    """The endpoints for which anything waits, or is under way. One look into the index finds the
    next of them: there are few, and much more may wait for each."""
    found: set[str] = set()
    # Without the states: SQLite would take the index of those, and go through all.
    rows = Delivery.objects.filter(settled_at__isnull=True)
    names = rows.order_by("endpoint").values_list("endpoint", flat=True)
    while (name := names.filter(endpoint__gt=max(found, default="")).first()) is not None:
        found.add(name)
    return found


def _waiting() -> QuerySet[Delivery]:
    return open_deliveries().filter(state__in=WAITING)


def open_deliveries(source: str | None = None) -> QuerySet[Delivery]:
    """Those that are to be sent, or under way: what a killed process was sending is sent again."""
    # The second condition is that of the index: SQLite uses none for a list of states.
    rows = Delivery.objects.filter(state__in=(*WAITING, State.SENDING), settled_at__isnull=True)
    return rows if source is None else rows.filter(source=source)


def open_count(source: str) -> int:
    """How many messages of this source have one."""
    found = open_deliveries(source).aggregate(count=Count("message_id", distinct=True))
    return int(found["count"])


def has_open(message_id: str, source: str | None = None) -> Exists:
    """For a query on other rows: whether the message of the id in this column has one."""
    return Exists(open_deliveries(source).filter(message_id=OuterRef(message_id)))


def unsettled_sources() -> set[str]:
    """The sources that have a delivery to be sent or under way."""
    return set(open_deliveries().values_list("source", flat=True).distinct())


def under_way(source: str) -> bool:
    """Whether anything of this source is being sent."""
    return Delivery.objects.filter(source=source, state=State.SENDING).exists()


def settled(message_ids: Collection[str]) -> dict[str, bool]:
    """Of these messages, those whose deliveries are all settled: False if one is dead. What a
    person cancelled is no failure."""
    outcome: dict[str, bool] = {}
    open_ids = set()
    rows = Delivery.objects.filter(message_id__in=message_ids).values_list("message_id", "state")
    for message_id, state in rows:
        if state not in SETTLED:
            open_ids.add(message_id)
        outcome[message_id] = outcome.get(message_id, True) and state != State.DEAD
    return {name: well for name, well in outcome.items() if name not in open_ids}
