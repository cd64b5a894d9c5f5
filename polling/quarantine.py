"""The tries on a mail that cannot be read, and the end of them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from polling.models import Mail, MailboxState, MailState

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_AFTER = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=5)


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
        row.retry_at = now + RETRY_AFTER * row.tries
    else:
        # As long again as it has been failing.
        row.retry_at = now + min(max(now - row.seen_at, RETRY_AFTER), LONGEST_RETRY)
    if row.tries >= TRIES:
        row.state = MailState.QUARANTINED
        logger.error(
            "Mail uid=%d of mailbox %s is quarantined after %d tries: %s",
            uid,
            mailbox.name,
            row.tries,
            fault,
        )
    row.save()


def release(mails: QuerySet[Mail], now: datetime) -> int:
    """Have those that are parked read again as if they had never failed. How many there were."""
    parked = mails.filter(state__in=(MailState.FAILED, MailState.QUARANTINED))
    return parked.update(state=MailState.FAILED, tries=0, retry_at=now)
