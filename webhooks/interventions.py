"""What a person does to deliveries and endpoints. Nothing that is being sent is touched: its
token decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from webhooks.models import WAITING, Delivery, EndpointState, State

IN_TROUBLE = Q(failures__gt=0) | ~Q(paused="")
SENDABLE = (State.DEAD, State.CANCELLED, State.RETRY)


def resume(endpoints: QuerySet[EndpointState], now: datetime) -> int:
    """What waits for these is due now. How many of them were in trouble.

    Of those that are paused it is forgotten why. Those that are failing go on failing, for who
    watches them too, until they take something: they are asked now.
    """
    with transaction.atomic():
        names = list(endpoints.values_list("endpoint", flat=True))
        chosen = EndpointState.objects.filter(IN_TROUBLE, endpoint__in=names)
        resumed = chosen.filter(paused="").update(probe_at=None)
        resumed += chosen.exclude(paused="").update(
            paused="", failures=0, failing_since=None, failed_at=None, probe_at=None, last_error=""
        )
        waiting = Delivery.objects.filter(endpoint__in=names, state__in=WAITING)
        # This try is the person's: should it fail, the next is as far away as before.
        waiting.filter(due_at__gt=now, failures__gt=0).update(failures=F("failures") - 1)
        # Also what has been due for long, in vain: it is late from now on.
        waiting.update(due_at=now)
    return resumed


def sendable(deliveries: QuerySet[Delivery], *, delivered: bool = False) -> QuerySet[Delivery]:
    """Those that have ended in vain or wait for a retry; those that were delivered if asked."""
    return deliveries.filter(state__in=(*SENDABLE, *([State.DELIVERED] if delivered else [])))


def send_again(
    deliveries: QuerySet[Delivery], now: datetime, *, delivered: bool = False
) -> dict[str, int]:
    """Queue those that are sendable, with all their tries and the ids they had. How many, by
    endpoint. One that is failing is asked at once: what waits leaves when it answers."""
    chosen = sendable(deliveries, delivered=delivered)
    with transaction.atomic():
        counts = chosen.order_by().values_list("endpoint").annotate(Count("id"))
        done: dict[str, int] = dict(counts)
        chosen.update(
            state=State.QUEUED, due_at=now, failures=0, outage_mark=None, reason="", settled_at=None
        )
        EndpointState.objects.filter(endpoint__in=done, probe_at__gt=now).update(probe_at=now)
    return done


def cancel(deliveries: QuerySet[Delivery], name: str, now: datetime) -> int:
    """Withdraw those that wait. How many."""
    reason = f"cancelled by {name}"[:500]
    return deliveries.filter(state__in=WAITING).update(
        state=State.CANCELLED, reason=reason, settled_at=now
    )
