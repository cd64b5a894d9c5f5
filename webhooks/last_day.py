"""What has become of deliveries in the last 24 hours. A few queries, each by an index."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q

from webhooks.models import Attempt, Delivery, Outcome, State, Transfer
from webhooks.sql_time import Seconds, UtcHour

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Hour:
    """How many deliveries were delivered or died in it, and how many had a try that failed."""

    begins: datetime
    ends: datetime
    delivered: int
    failed: int
    dead: int


@dataclass(frozen=True, kw_only=True)
class LastDay:
    """failed is no sum: a delivery may fail in several hours, and be delivered in the end. The
    first hour begins with the day, and the last one is not over."""

    since: datetime
    hours: tuple[Hour, ...]
    delivered: int
    failed: int
    dead: int


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds that the tries at an endpoint took, and the delivery with the longest one."""

    endpoint: str
    mean: float
    p95: float
    longest: float
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class Transfers:
    """Files by how they ended last."""

    stored: int
    failed: int

    @property
    def percent(self) -> int | None:
        """None: there were none. 100 only if none failed."""
        total = self.stored + self.failed
        return self.stored * 100 // total if total else None


def last_day(now: datetime) -> LastDay:
    since = now - DAY
    counts = _settled(since)
    failed = Attempt.objects.filter(outcome=Outcome.FAILED, started_at__gte=since)
    by_hour = failed.annotate(hour=UtcHour("started_at")).values_list("hour")
    for hour, count in by_hour.annotate(count=Count("delivery", distinct=True)):
        counts[Outcome.FAILED, hour] = count
    total: int = failed.aggregate(count=Count("delivery", distinct=True))["count"]
    hours = tuple(_hours(since, now, counts))
    return LastDay(
        since=since,
        hours=hours,
        delivered=sum(hour.delivered for hour in hours),
        failed=total,
        dead=sum(hour.dead for hour in hours),
    )


def _settled(since: datetime) -> dict[tuple[str, str], int]:
    rows = Delivery.objects.filter(state__in=(State.DELIVERED, State.DEAD), settled_at__gte=since)
    by_hour = rows.annotate(hour=UtcHour("settled_at")).values_list("state", "hour")
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for state, hour, count in by_hour.annotate(count=Count("*")):
        counts[state, hour] = count
    return counts


def _hours(since: datetime, now: datetime, counts: dict[tuple[str, str], int]) -> list[Hour]:
    """Those of the clock, in UTC."""
    begins = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = []
    while begins <= now:
        key = f"{begins:%Y-%m-%d %H}"
        found.append(
            Hour(
                begins=max(begins, since),
                ends=begins + HOUR,
                delivered=counts[State.DELIVERED, key],
                failed=counts[Outcome.FAILED, key],
                dead=counts[State.DEAD, key],
            )
        )
        begins += HOUR
    return found


def slowest_endpoint(now: datetime) -> Speed | None:
    """That whose tries took longest on average; None if there were none."""
    tries = _finished(now - DAY)
    by_endpoint = tries.values("delivery__endpoint").annotate(mean=Avg("seconds"), count=Count("*"))
    slowest = max(by_endpoint, key=lambda row: row["mean"], default=None)
    if slowest is None:
        return None
    name, count = slowest["delivery__endpoint"], slowest["count"]
    rows = tries.filter(delivery__endpoint=name).order_by("-seconds")
    top = list(rows.values_list("seconds", "delivery_id")[: count // 20 + 1])
    if not top:
        return None  # removed from the journal a moment ago
    return Speed(
        endpoint=name,
        mean=slowest["mean"],
        p95=top[-1][0],
        longest=top[0][0],
        delivery_id=top[0][1],
    )


def _finished(since: datetime) -> Any:
    rows = Attempt.objects.filter(started_at__gte=since, ended_at__isnull=False)
    return rows.annotate(seconds=Seconds("ended_at", "started_at"))


def transfers(now: datetime) -> Transfers:
    """A success clears the failure before it."""
    since = now - DAY
    failed, stored = Q(failed_at__gte=since), Q(transferred_at__gte=since)
    counts = Transfer.objects.filter(failed | stored).aggregate(
        failed=Count("id", filter=failed),
        stored=Count("id", filter=stored & Q(failed_at__isnull=True)),
    )
    return Transfers(**counts)
