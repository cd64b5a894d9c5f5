"""Taking back what somebody else has seen to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from webhooks.models import WAITING, Delivery, State


def withdraw(message_ids: Collection[str], reason: str, now: datetime) -> int:
    """Cancel what is still waiting, and what was under way: whoever sends it loses the claim.

    How many deliveries that was.
    """
    return Delivery.objects.filter(
        message_id__in=message_ids, state__in=(*WAITING, State.SENDING)
    ).update(state=State.CANCELLED, reason=reason, settled_at=now, token=None, lease_until=None)
