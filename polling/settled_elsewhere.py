"""What other processes have sent of the mailboxes that this one serves."""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.db import DatabaseError
from django.db.models import Exists, OuterRef

from polling.admission import shared_database
from polling.models import Mail, MailState
from runtime.connections import drop_connection
from webhooks.models import SETTLED, Delivery

logger = logging.getLogger(__name__)
MOST = 500


class SettledElsewhere:
    """On a shared database everybody sends what is due, and nobody can tell the process that has
    the mailbox open to mark the mail. So that one looks."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def news(self, identities: Collection[str]) -> set[str]:
        """The ids of messages of these mailboxes that are settled and not marked; each is told
        once, since a mark may be refused."""
        if not (identities and shared_database()):
            return set()
        try:
            found = set(_settled_and_unmarked(identities))
        except DatabaseError as exc:
            logger.warning("What others have sent will be marked a little later: %s", exc)
            drop_connection()
            return set()
        news, self._told = found - self._told, found
        return news


def _settled_and_unmarked(identities: Collection[str]) -> list[str]:
    deliveries = Delivery.objects.filter(message_id=OuterRef("message_id"))
    rows = Mail.objects.filter(
        Exists(deliveries.filter(state__in=SETTLED)),
        ~Exists(deliveries.exclude(state__in=SETTLED)),
        mailbox__identity__in=identities,
        state=MailState.RELAYED,
    )
    return list(rows.order_by("-pk").values_list("message_id", flat=True)[:MOST])
