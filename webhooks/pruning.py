"""Deliveries leave the journal, with their tries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import DateTimeField, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest

from webhooks.alerts.models import Alert
from webhooks.models import Attempt, Delivery, SearchKey, State, Transfer

ROWS_PER_TRANSACTION = 200
# A dead delivery waits for a person.
PRUNABLE = (State.DELIVERED, State.CANCELLED)


def settled_before(message_ids: Collection[str], before: datetime) -> set[str]:
    """Of these messages those whose deliveries may all go, and those that have none. To be called
    in the transaction that removes them: nobody sends one again meanwhile."""
    rows = _locked(Delivery.objects.filter(message_id__in=message_ids).order_by("pk"))
    kept = {
        message_id
        for message_id, state, at in rows.values_list("message_id", "state", "settled_at")
        if state not in PRUNABLE or at is None or at >= before
    }
    return {*message_ids} - kept


def remove(deliveries: QuerySet[Delivery]) -> int:
    """How many that was. In a transaction, and no more than a few hundred at once."""
    keys = list(_locked(deliveries.order_by("pk")).values_list("pk", flat=True))
    Attempt.objects.filter(delivery__in=keys).delete()
    Delivery.objects.filter(pk__in=keys).defer("payload").delete()
    return len(keys)


def forget(message_ids: Collection[str]) -> None:
    """They are to be found no more."""
    SearchKey.objects.filter(message_id__in=message_ids).delete()


def remove_alerts(before: datetime) -> None:
    """Those that ended before, with what was told of them."""
    Alert.objects.filter(cleared_at__lt=before).delete()


def remove_transfers(before: datetime) -> None:
    """Those that nobody has asked for since; the Worker removes the files themselves."""
    rows = Transfer.objects.annotate(last=Greatest(*_moments("transferred_at", "failed_at")))
    rows.filter(last__lt=before).delete()


def _moments(*fields: str) -> list[Coalesce]:
    """Databases do not agree on the greatest of something and nothing."""
    never = Value(datetime.min.replace(tzinfo=UTC), output_field=DateTimeField())
    return [Coalesce(field, never) for field in fields]


def remove_some_dead(before: datetime) -> int:
    """For a person who has decided it: dead deliveries that ended before. How many; 0 means that
    there are no more."""
    with transaction.atomic():
        rows = Delivery.objects.filter(state=State.DEAD, settled_at__lt=before)
        some = list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_PER_TRANSACTION])
        return remove(rows.filter(pk__in=some))


def _locked(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.select_for_update() if connection.features.has_select_for_update else rows
