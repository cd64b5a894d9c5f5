"""The kinds of trouble that people are told of, and what is seen of an endpoint that has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

from webhooks.retry import FAILURES_TO_TELL


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
