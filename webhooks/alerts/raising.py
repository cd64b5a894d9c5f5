"""The alerts in the database: raised, told and cleared, by one process each time."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from webhooks import journal
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.rules import COMMIT, DAY, is_due, is_over, notice_id, recovered, troubles
from webhooks.alerts.trouble import Channel, Kind, Sight, Trouble

logger = logging.getLogger(__name__)


def weigh(
    sights: Sequence[Sight], channels: Collection[Channel], zone: ZoneInfo, now: datetime
) -> None:
    """Write down what is wrong, what is not any more, and what people are to be told of it."""
    found = [trouble for sight in sights for trouble in troubles(sight, zone, now)]
    for trouble in found:
        alert = _open_alert(trouble, now)
        before = Alert.last_told(trouble.kind, trouble.endpoint)
        if alert is not None and is_due(trouble, alert.told_at, before, now):
            _tell(alert, trouble, channels, now)
    standing = {(trouble.kind, trouble.endpoint) for trouble in found}
    seen = {sight.endpoint: sight for sight in sights}
    for alert in Alert.objects.filter(cleared_at__isnull=True):
        if (alert.kind, alert.endpoint) not in standing:
            _end(alert, seen.get(alert.endpoint), channels, zone, now)


def _open_alert(trouble: Trouble, now: datetime) -> Alert | None:
    """None: somebody has just cleared it."""
    key = {"kind": trouble.kind, "endpoint": trouble.endpoint}
    rows = Alert.objects.filter(**key, cleared_at__isnull=True)
    if (alert := rows.first()) is not None:
        return alert
    raised = Alert(**key, since=trouble.since or now)
    Alert.objects.bulk_create([raised], ignore_conflicts=True)
    return rows.first()


def _tell(alert: Alert, trouble: Trouble, channels: Collection[Channel], now: datetime) -> None:
    count = alert.count + trouble.count if trouble.kind is Kind.DEAD else trouble.count
    unchanged = Alert.objects.filter(pk=alert.pk, told_at=alert.told_at, cleared_at__isnull=True)
    with transaction.atomic():
        if not unchanged.update(told_at=now, count=count):
            return  # another process tells it
        _write(alert, trouble, channels, now)
    logger.warning("Alert: %s", trouble.sentence)


def _end(
    alert: Alert,
    sight: Sight | None,
    channels: Collection[Channel],
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """The end of an endpoint that nobody lists any more is nothing to tell."""
    # The trouble stood when it was told: what was delivered before is no proof of its end.
    proof = alert.told_at - COMMIT if alert.told_at else alert.since
    delivered = sight is None or journal.has_delivered(alert.endpoint, proof)
    # Those of the day before it began are its own, too: see sights.
    dead = alert.kind == Kind.DEAD and journal.has_dead(alert.endpoint, alert.since - DAY)
    if not is_over(alert.kind, delivered, dead):
        return
    with transaction.atomic():
        mine = Alert.objects.filter(pk=alert.pk, cleared_at__isnull=True).update(cleared_at=now)
        if not (mine and sight and alert.told_at and alert.kind == Kind.FAILING):
            return
        news = recovered(sight, alert.since, zone, now)
        _write(alert, news, channels, now)
    logger.warning("Alert: %s", news.sentence)


def _write(alert: Alert, trouble: Trouble, channels: Collection[Channel], now: datetime) -> None:
    """Belongs into the transaction that has won the right to tell it."""
    Notice.objects.bulk_create(
        Notice(
            alert=alert,
            kind=trouble.kind,
            channel=channel,
            webhook_id=notice_id(trouble.kind, trouble.endpoint, now),
            sentence=trouble.sentence,
            count=trouble.count,
            created_at=now,
            due_at=now,
        )
        for channel in channels
    )
