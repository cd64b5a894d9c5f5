"""The messages about alerts that still have to be sent: claimed, settled, tried again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F

from webhooks.alerts.models import Notice
from webhooks.alerts.notify import Bulletin
from webhooks.alerts.rules import DAY
from webhooks.alerts.trouble import Kind

# Longer than any try: who has not settled by then is dead.
LEASE = timedelta(minutes=2)
DELAYS = (30, 60, 120, 300, 900, 3600)
TOO_OLD = "given up after a day"


def claim(now: datetime, without: Collection[str] = ()) -> Notice | None:
    """The right to try the one that is due first, but none of these channels."""
    due = Notice.objects.filter(due_at__lte=now).exclude(channel__in=without)
    for notice in due.order_by("due_at", "id").select_related("alert"):
        mine = Notice.objects.filter(pk=notice.pk, due_at=notice.due_at)
        if now - notice.created_at > DAY:
            mine.update(due_at=None, error=f"{TOO_OLD}: {notice.error}"[:500])
        elif mine.update(due_at=now + LEASE, tries=F("tries") + 1):
            notice.due_at, notice.tries = now + LEASE, notice.tries + 1
            return notice
    return None


def bulletin(notice: Notice) -> Bulletin:
    return Bulletin(
        id=notice.webhook_id,
        kind=Kind(notice.kind),
        endpoint=notice.alert.endpoint,
        sentence=notice.sentence,
        count=notice.count,
        at=notice.created_at,
    )


def settle(notice: Notice, told: bool, error: str, now: datetime) -> None:
    """Nothing changes if it has passed to somebody else meanwhile."""
    delay = DELAYS[min(notice.tries, len(DELAYS)) - 1]
    Notice.objects.filter(pk=notice.pk, due_at=notice.due_at).update(
        told_at=now if told else None,
        due_at=None if told else now + timedelta(seconds=delay),
        error=error[:500],
    )
