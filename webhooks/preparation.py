"""Units of work on deliveries whose files are transferred before their first try.

They wait in their queue meanwhile, and are nobody's try: who dies leaves them as they were.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from webhooks.endpoints import Endpoint
from webhooks.models import TO_OFFLOAD, Delivery
from webhooks.outbox import LEASE, lockable
from webhooks.payload import encode_json
from webhooks.search import remember_files
from webhooks.shared_files import Source, links_with_files
from webhooks.worker_answers import Fetched


@dataclass(frozen=True, kw_only=True)
class Unprepared:
    """The right to prepare one delivery until its lease ends."""

    delivery_id: int
    message_id: str
    payload: str
    token: uuid.UUID

    def sources(self) -> list[Source]:
        """Each once, however often it is linked to."""
        found = (source for _, source in links_with_files(json.loads(self.payload)))
        return list({source.digest: source for source in found}.values())


def take(
    endpoint: Endpoint, limit: int, now: datetime, sources: Collection[str] | None = None
) -> list[Unprepared]:
    """Up to `limit` deliveries that are due and that nobody prepares, the oldest first."""
    rows = Delivery.objects.filter(TO_OFFLOAD, endpoint=endpoint.id, due_at__lte=now)
    rows = rows.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    if sources is not None:
        rows = rows.filter(source__in=sources)
    if not rows.exists():  # mostly so, and a transaction would keep other writers waiting
        return []
    token = uuid.uuid4()
    with transaction.atomic():
        chosen = list(lockable(rows).order_by("due_at", "id")[:limit])
        Delivery.objects.filter(pk__in=[row.pk for row in chosen]).update(
            token=token, lease_until=now + LEASE
        )
    return [
        Unprepared(delivery_id=row.pk, message_id=row.message_id, payload=row.payload, token=token)
        for row in chosen
    ]


def extend(mine: Iterable[Unprepared], now: datetime) -> None:
    Delivery.objects.filter(TO_OFFLOAD, token__in={delivery.token for delivery in mine}).update(
        lease_until=now + LEASE
    )


def freeze(delivery: Unprepared, stored: Mapping[str, Fetched]) -> bool:
    """Write where the files are, by the digests of their links, into the body that all tries
    send. False if somebody else has the delivery by now: then nothing is changed."""
    frozen = _mine(delivery).update(
        payload=_with_files(delivery.payload, stored),
        offload=False,
        token=None,
        lease_until=None,
    )
    if frozen:
        remember_files(delivery.message_id, [each.r2_url for each in stored.values()])
    return bool(frozen)


def give_back(deliveries: Iterable[Unprepared]) -> None:
    for delivery in deliveries:
        _mine(delivery).update(token=None, lease_until=None)


def _mine(delivery: Unprepared) -> QuerySet[Delivery]:
    return Delivery.objects.filter(TO_OFFLOAD, pk=delivery.delivery_id, token=delivery.token)


def _with_files(text: str, stored: Mapping[str, Fetched]) -> str:
    if not stored:
        return text
    payload = json.loads(text)
    for link, source in links_with_files(payload):
        if fetched := stored.get(source.digest):
            link["r2_url"] = fetched.r2_url
            link["original_filename"] = fetched.original_filename
    return encode_json(payload).decode()
