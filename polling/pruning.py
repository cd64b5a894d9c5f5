"""What is settled leaves the journal when its time is over, a few rows at a time."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from configstore.sessions import SessionStore
from configstore.store import ConfigStore, ConfigurationUnknown
from polling import mail_words
from polling.models import Mail, MailboxState
from polling.retention import PRUNABLE, Retention, prunable, retention
from runtime.connections import drop_connection, give_back_connection
from runtime.stopping import Stop
from webhooks import pruning
from webhooks.models import Delivery
from webhooks.pruning import ROWS_PER_TRANSACTION, forget, remove, settled_before

logger = logging.getLogger(__name__)

FIRST_SECONDS = 120.0
SECONDS = 3600.0
# Between two transactions others have their turn to write.
BREATH_SECONDS = 0.1
_rng = random.Random()  # noqa: S311  # jitter, not a secret


def run(store: ConfigStore, stop: Stop) -> None:
    """Every hour until stopped. Several processes that do it at once do no harm."""
    pause = FIRST_SECONDS
    while not _rest(stop, pause * _rng.uniform(0.5, 1.5)):
        pause = SECONDS
        try:
            mail_words.fill(stop)
            mails, deliveries = prune(store, timezone.now(), stop)
        except ConfigurationUnknown:
            continue  # said by whoever watches the configuration
        except DatabaseError as exc:
            logger.warning("The journal is pruned in an hour, the database failed: %s", exc)
            drop_connection()
            continue
        except Exception:
            logger.exception("A fault while pruning the journal; it is tried again in an hour")
            continue
        if mails or deliveries:
            logger.info("Pruned from the journal: mails=%d deliveries=%d", mails, deliveries)


def _rest(stop: Stop, seconds: float) -> bool:
    give_back_connection()
    return stop.wait(seconds)


def prune(store: ConfigStore, now: datetime, stop: Stop) -> tuple[int, int]:
    """How many mails and deliveries went; sessions that are over go uncounted.

    Raises ConfigurationUnknown.
    """
    rule = retention(store)
    mails = deliveries = 0
    SessionStore.clear_expired()
    if rule is not None:
        for gone in _batches(rule, now):
            mails, deliveries = mails + gone[0], deliveries + gone[1]
            if any(gone) and stop.wait(BREATH_SECONDS):
                break
        pruning.remove_alerts(now - rule.keep)
        pruning.remove_transfers(now - rule.keep)
    return mails, deliveries


def _batches(rule: Retention, now: datetime) -> Iterator[tuple[int, int]]:
    for mailbox in MailboxState.objects.order_by("pk"):
        if (found := prunable(mailbox, rule, now)) is None:
            continue
        condition, before = found
        for state in PRUNABLE:
            rows = Mail.objects.filter(condition, mailbox=mailbox, state=state)
            yield from _mails(rows, before)
    for ended in pruning.PRUNABLE:
        while gone := _without_mail(ended, now - rule.keep):
            yield 0, gone


def _mails(rows: QuerySet[Mail], before: datetime) -> Iterator[tuple[int, int]]:
    """Those that have to stay are passed over: the next batch begins behind this one."""
    behind = Q()
    while True:
        with transaction.atomic():
            batch = list(_lockable(rows.filter(behind).order_by("seen_at", "pk")))
            if not batch:
                return
            gone = _remove(batch, before)
        yield gone
        last = batch[-1]
        same_moment = Q(seen_at=last.seen_at, pk__gt=last.pk)
        behind = Q(seen_at__gte=last.seen_at) & (Q(seen_at__gt=last.seen_at) | same_moment)


def _lockable(rows: QuerySet[Mail]) -> QuerySet[Mail]:
    """Rows that another process is pruning are passed over where the database can do that."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows[:ROWS_PER_TRANSACTION]


def _remove(batch: list[Mail], before: datetime) -> tuple[int, int]:
    """Mails whose deliveries may all go, and the deliveries to which no other mail belongs."""
    names = {mail.message_id for mail in batch} - {""}
    ended = settled_before(names, before)
    going = [mail.pk for mail in batch if not mail.message_id or mail.message_id in ended]
    copies = Mail.objects.filter(message_id__in=ended).exclude(pk__in=going)
    free = ended - {*copies.values_list("message_id", flat=True)}
    deliveries = remove(Delivery.objects.filter(message_id__in=free))
    forget(free)
    Mail.objects.filter(pk__in=going).delete()
    return len(going), deliveries


def _without_mail(state: str, before: datetime) -> int:
    """Deliveries whose mail is not in the journal any more."""
    mails = Mail.objects.filter(message_id=OuterRef("message_id"))
    rows = Delivery.objects.filter(~Exists(mails), state=state, settled_at__lt=before)
    with transaction.atomic():
        some = dict(rows.values_list("pk", "message_id")[:ROWS_PER_TRANSACTION])
        gone = remove(Delivery.objects.filter(pk__in=some, state=state)) if some else 0
        left = Delivery.objects.filter(message_id__in=some.values())
        forget({*some.values()} - {*left.values_list("message_id", flat=True)})
    return gone
