"""What people are told, how often, and in which words: those of the language in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from configstore.wording import translated
from webhooks.pause import moment_in
from webhooks.retry import FAILURES_TO_TELL

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OVERDUE = timedelta(minutes=15)
# What is being committed at the moment of a look bears an earlier time.
COMMIT = timedelta(seconds=5)


class Kind(models.TextChoices):
    """recovered is said of a failing endpoint, and test by the button: neither is an alert."""

    DEAD = "dead", gettext_lazy("dead deliveries")
    FAILING = "failing", gettext_lazy("endpoint failing")
    OVERDUE = "overdue", gettext_lazy("deliveries wait too long")
    RECOVERED = "recovered", gettext_lazy("endpoint recovered")
    TEST = "test", pgettext_lazy("alert", "test")


ALERTS = (Kind.DEAD, Kind.FAILING, Kind.OVERDUE)


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


def is_over(kind: str, delivered: bool, dead: bool) -> bool:
    """Whether an alert ends whose trouble is not to be seen. An endpoint that was only resumed,
    or given another address, has proved nothing yet; delivered: it has since. dead: some of what
    it tells of still is, and waits for a person."""
    if kind == Kind.FAILING:
        return delivered
    return not (kind == Kind.DEAD and dead)


def recovered(sight: Sight, since: datetime, zone: ZoneInfo, now: datetime) -> Trouble:
    sentence = _(
        "%(endpoint)s takes deliveries again. It had been failing since %(moment)s. Nothing needs "
        "to be done."
    ) % {"endpoint": capfirst(_name(sight)), "moment": moment_in(zone, since)}
    if sight.waiting:
        rest = ngettext(
            "%(count)d delivery will leave now.",
            "%(count)d deliveries will leave now.",
            sight.waiting,
        )
        sentence += " " + rest % {"count": sight.waiting}
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
    sentence = ngettext(
        "%(count)d delivery to %(endpoint)s is dead and will not be tried again by itself. The "
        "last reason: %(reason)s In the admin, see Deliveries; when the cause is gone, send again "
        "from there.",
        "%(count)d deliveries to %(endpoint)s are dead and will not be tried again by themselves. "
        "The last reason: %(reason)s In the admin, see Deliveries; when the cause is gone, send "
        "again from there.",
        sight.dead,
    )
    facts = {"count": sight.dead, "endpoint": _name(sight), "reason": _why(sight.dead_reason)}
    return sentence % facts


def _failing(sight: Sight, zone: ZoneInfo) -> str:
    facts = {"endpoint": _name(sight), "waiting": _waiting(sight), "count": sight.failures}
    if sight.fault:
        sentence = _(
            "Nothing is sent to %(endpoint)s until somebody acts: %(reason)s Meanwhile "
            "%(waiting)s; nothing is lost. In the admin, see Endpoint states and the page of the "
            "webhook."
        )
        return sentence % (facts | {"reason": _why(sight.fault)})
    facts |= {"endpoint": capfirst(_name(sight)), "reason": _why(sight.error)}
    if sight.failing_since is None:
        failed = _("%(endpoint)s has failed %(count)d times in a row: %(reason)s")
    else:
        facts["moment"] = moment_in(zone, sight.failing_since)
        failed = _("%(endpoint)s has failed %(count)d times in a row since %(moment)s: %(reason)s")
    meanwhile = _(
        "Meanwhile %(waiting)s; nothing is lost, and all leave when it answers again. Check the "
        "receiver; in the admin, see Endpoint states."
    )
    return f"{failed % facts} {meanwhile % facts}"


def _overdue(sight: Sight, age: timedelta) -> str:
    sentence = _(
        "A delivery to %(endpoint)s has waited for %(minutes)d minutes, although nothing that was "
        "asked for holds it; %(waiting)s."
    ) % {
        "endpoint": _name(sight),
        "minutes": age.total_seconds() // 60,
        "waiting": _waiting(sight),
    }
    if known := sight.hold or sight.error:
        sentence += " " + _("What is known: %(reason)s") % {"reason": _why(known)}
    return sentence + " " + _("In the admin, see Deliveries and Endpoint states.")


def _name(sight: Sight) -> str:
    facts = {"name": sight.endpoint, "host": sight.host}
    return (_("endpoint %(name)s (%(host)s)") if sight.host else _("endpoint %(name)s")) % facts


def _waiting(sight: Sight) -> str:
    if not sight.waiting:
        return _("nothing waits")
    return ngettext("%(count)d delivery waits", "%(count)d deliveries wait", sight.waiting) % {
        "count": sight.waiting
    }


def _why(reason: str) -> str:
    """A sentence of its own."""
    known = translated(reason).rstrip(". ") or _("unknown")
    return f"{known}."
