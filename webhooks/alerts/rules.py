"""Which trouble people are told of, and how often."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webhooks.alerts import words
from webhooks.alerts.trouble import Kind, Sight, Trouble

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OVERDUE = timedelta(minutes=15)
# What is being committed at the moment of a look bears an earlier time.
COMMIT = timedelta(seconds=5)


def troubles(sight: Sight, zone: ZoneInfo, now: datetime) -> Iterator[Trouble]:
    """What is wrong with an endpoint now, at most one of a kind."""
    if sight.dead:
        yield _trouble(Kind.DEAD, sight, now, sight.dead, words.dead(sight))
    if sight.is_failing:
        sentence = words.failing(sight, zone)
        yield _trouble(Kind.FAILING, sight, sight.failing_since, sight.failures, sentence)
    since = sight.waiting_since
    if since is not None and now - since > OVERDUE:
        sentence = words.overdue(sight, now - since)
        yield _trouble(Kind.OVERDUE, sight, since, sight.waiting, sentence)


def is_due(
    trouble: Trouble, told_at: datetime | None, before: datetime | None, now: datetime
) -> bool:
    """Whether to tell it now. told_at is when this very alert was told last, before when any of
    its kind and endpoint was.

    The same is told once an hour at most, and while it lasts once a day. An endpoint that has
    begun to fail anew since then, at another address perhaps, or has more dead letters, does not
    wait for the day to be over.
    """
    if before is not None and now - before < HOUR:
        return False
    if told_at is None or trouble.kind is Kind.DEAD:
        return True
    anew = trouble.kind is Kind.FAILING and trouble.since is not None and trouble.since > told_at
    return anew or now - told_at >= DAY


def is_over(kind: str, delivered: bool, dead: bool) -> bool:
    """Whether an alert ends whose trouble is not to be seen. An endpoint that was only resumed,
    or given another address, has proved nothing yet; delivered: it has since. dead: some of what
    it tells of still is, and waits for a person."""
    if kind == Kind.FAILING:
        return delivered
    return not (kind == Kind.DEAD and dead)


def recovered(sight: Sight, since: datetime, zone: ZoneInfo, now: datetime) -> Trouble:
    """since: from when on it had been failing."""
    sentence = words.recovered(sight, since, zone)
    return _trouble(Kind.RECOVERED, sight, now, sight.waiting, sentence)


def notice_id(kind: str, endpoint: str, moment: datetime) -> str:
    """The same however often one message is tried."""
    digest = hashlib.sha256(f"alert\0{kind}\0{endpoint}\0{moment.isoformat()}".encode())
    return f"msg_{digest.hexdigest()[:32]}"


def _trouble(
    kind: Kind, sight: Sight, since: datetime | None, count: int, sentence: str
) -> Trouble:
    return Trouble(kind=kind, endpoint=sight.endpoint, since=since, count=count, sentence=sentence)
