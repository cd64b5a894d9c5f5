"""The tries on a mail that cannot be read, and the end of them."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from polling.backoff import backoff
from polling.errors import Kind
from polling.models import Mail, MailboxState, MailState
from polling.rows import count

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_AFTER = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=5)
_rng = random.Random()  # noqa: S311  # jitter, not a secret


def park(mailbox: MailboxState, uid: int, fault: str, *, proven: bool) -> None:
    """Write down a failed try on this mail; it counts if the fault is proven to be its own. After
    three the mail is quarantined."""
    now = timezone.now()
    row, _ = Mail.objects.get_or_create(
        mailbox=mailbox,
        uidvalidity=mailbox.uidvalidity,
        uid=uid,
        defaults={"state": MailState.FAILED, "seen_at": now},
    )
    row.fault = fault[:500]
    if proven:
        row.tries += 1
        wait = timedelta(seconds=backoff(Kind.POISON, row.tries, _rng))
    else:
        # As long again as it has been failing.
        wait = min(max(now - row.seen_at, RETRY_AFTER), LONGEST_RETRY)
    row.retry_at = now + wait
    if row.tries >= TRIES:
        row.state = MailState.QUARANTINED
    row.save()
    if row.state == MailState.QUARANTINED:
        count(mailbox, row)
    if proven:
        _tell(row, mailbox.name, wait)


def _tell(row: Mail, mailbox: str, wait: timedelta) -> None:
    level, then = logging.WARNING, f"it is tried again in {wait.total_seconds():.0f} s"
    if row.state == MailState.QUARANTINED:
        level, then = logging.ERROR, "it is quarantined: the journal of mails can try it again"
    logger.log(
        level,
        "Mail uid=%d of mailbox %s cannot be read, try %d of %d, the others go on: %s; %s [%s]",
        row.uid,
        mailbox,
        row.tries,
        TRIES,
        row.fault.rstrip("."),
        then,
        Kind.POISON.value,
    )


def release(mails: QuerySet[Mail], now: datetime) -> int:
    """Have those that are parked read again as if they had never failed. How many there were."""
    parked = mails.filter(state__in=(MailState.FAILED, MailState.QUARANTINED))
    return parked.update(state=MailState.FAILED, tries=0, retry_at=now)
