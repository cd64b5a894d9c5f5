"""What people are told, how often, and in which words. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webhooks.pause import moment_in

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OVERDUE = timedelta(minutes=15)
# What is being committed at the moment of a look bears an earlier time.
COMMIT = timedelta(seconds=5)
# One less than stops all but probes: people hear of it no later than it shows.
FAILURES_TO_TELL = 4


class Kind(models.TextChoices):
    """recovered is said of a failing endpoint, and test by the button: neither is an alert."""

    DEAD = "dead", _("dead deliveries")
    FAILING = "failing", _("endpoint failing")
    OVERDUE = "overdue", _("deliveries wait too long")
    RECOVERED = "recovered", _("endpoint recovered")
    TEST = "test", pgettext_lazy("alert", "test")


class Channel(models.TextChoices):
    MAIL = "mail", pgettext_lazy("channel", "by mail")
    WEBHOOK = "webhook", pgettext_lazy("channel", "by webhook")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What one look shows of an endpoint.

    failures are those in a row, fault is what somebody has to mend. waiting_since is since when
    the oldest delivery has waited although nothing that was asked for holds it. dead counts
    what has died since people were last told.
    """

    endpoint: str
    host: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    error: str = ""
    fault: str = ""
    waiting: int = 0
    waiting_since: datetime | None = None
    hold: str = ""
    dead: int = 0
    dead_reason: str = ""

    @property
    def is_failing(self) -> bool:
        return bool(self.fault) or self.failures >= FAILURES_TO_TELL


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that people are to know of. since None: nobody knows when it began."""

    kind: Kind
    endpoint: str
    since: datetime | None
    count: int
    sentence: str


def troubles(sight: Sight, zone: ZoneInfo, now: datetime) -> Iterator[Trouble]:
    """What is wrong with an endpoint now, at most one of a kind."""
    if sight.dead:
        yield _trouble(Kind.DEAD, sight, now, sight.dead, _dead(sight))
    if sight.is_failing:
        sentence = _failing(sight, zone)
        yield _trouble(Kind.FAILING, sight, sight.failing_since, sight.failures, sentence)
    since = sight.waiting_since
    if since is not None and now - since > OVERDUE:
        sentence = _overdue(sight, now - since)
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


def is_over(kind: str, told_at: datetime | None, delivered: bool, now: datetime) -> bool:
    """Whether an alert ends whose trouble is not to be seen. An endpoint that was only resumed,
    or given another address, has proved nothing yet; delivered: it has since."""
    if kind == Kind.FAILING:
        return delivered
    if kind == Kind.DEAD:  # within the hour more may die, which belong to it
        return told_at is None or now - told_at >= HOUR
    return True


def recovered(sight: Sight, since: datetime, zone: ZoneInfo, now: datetime) -> Trouble:
    rest = f" {_deliveries(sight.waiting)} will leave now." if sight.waiting else ""
    sentence = (
        f"{_name(sight)} takes deliveries again. It had been failing since "
        f"{moment_in(zone, since)}. Nothing needs to be done.{rest}"
    )
    return _trouble(Kind.RECOVERED, sight, now, sight.waiting, sentence)


def notice_id(kind: str, endpoint: str, moment: datetime) -> str:
    """The same however often one message is tried."""
    digest = hashlib.sha256(f"alert\0{kind}\0{endpoint}\0{moment.isoformat()}".encode())
    return f"msg_{digest.hexdigest()[:32]}"


def _trouble(
    kind: Kind, sight: Sight, since: datetime | None, count: int, sentence: str
) -> Trouble:
    return Trouble(kind=kind, endpoint=sight.endpoint, since=since, count=count, sentence=sentence)


def _dead(sight: Sight) -> str:
    are, itself = ("is", "itself") if sight.dead == 1 else ("are", "themselves")
    return (
        f"{_deliveries(sight.dead)} to {_name(sight, 'endpoint')} {are} dead and will not be tried "
        f"again by {itself}. The last reason: {_sentence_end(sight.dead_reason)} In the admin, see "
        "Deliveries; when the cause is gone, send again from there."
    )


def _failing(sight: Sight, zone: ZoneInfo) -> str:
    if sight.fault:
        return (
            f"Nothing is sent to {_name(sight, 'endpoint')} until somebody acts: "
            f"{_sentence_end(sight.fault)} Meanwhile {_waiting(sight)}; nothing is lost. "
            "In the admin, see Endpoint states and the page of the webhook."
        )
    since = f" since {moment_in(zone, sight.failing_since)}" if sight.failing_since else ""
    return (
        f"{_name(sight)} has failed {sight.failures} times in a row{since}: "
        f"{_sentence_end(sight.error)} Meanwhile {_waiting(sight)}; nothing is lost, and "
        "all leave when it answers again. Check the receiver; in the admin, see Endpoint states."
    )


def _overdue(sight: Sight, age: timedelta) -> str:
    known = sight.hold or sight.error
    why = f" What is known: {_sentence_end(known)}" if known else ""
    return (
        f"A delivery to {_name(sight, 'endpoint')} has waited for {int(age.total_seconds() // 60)} "
        f"minutes, although nothing that was asked for holds it; {_waiting(sight)}."
        f"{why} In the admin, see Deliveries and Endpoint states."
    )


def _name(sight: Sight, word: str = "Endpoint") -> str:
    return f"{word} {sight.endpoint}" + (f" ({sight.host})" if sight.host else "")


def _deliveries(count: int) -> str:
    return "1 delivery" if count == 1 else f"{count} deliveries"


def _waiting(sight: Sight) -> str:
    if not sight.waiting:
        return "nothing waits"
    return f"{_deliveries(sight.waiting)} {'waits' if sight.waiting == 1 else 'wait'}"


def _sentence_end(text: str) -> str:
    return f"{text.rstrip('. ') or 'unknown'}."
