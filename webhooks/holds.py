"""What holds the deliveries of an endpoint: the configuration, or what the endpoint did."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from configstore.documents import ProcessingPrefs, WebhookConfig
from webhooks import journal
from webhooks.models import EndpointState
from webhooks.pause import Pause, address_fault, pause_in_force

HOUR = timedelta(hours=1)


def hold_in_force(
    config: WebhookConfig,
    state: EndpointState | None,
    limit: Pause | None,
    zone: ZoneInfo,
    now: datetime,
) -> Pause | None:
    """state: what is known of the address that is described now. limit: what limited() says."""
    return (
        pause_in_force(config, zone, now, settings.EGRESS_ALLOWED_CIDRS) or _paused(state) or limit
    )


def fault_in_force(config: WebhookConfig, state: EndpointState | None) -> Pause | None:
    """What somebody has to mend, although deliveries may be held for another reason too."""
    return address_fault(config, settings.EGRESS_ALLOWED_CIDRS) or _paused(state)


def room(prefs: ProcessingPrefs, now: datetime, most: int) -> int:
    """How many deliveries may be begun now, at most so many."""
    limit = prefs.rate_limit_per_hour
    return max(0, min(most, limit - journal.tried_since(now - HOUR))) if limit else most


def limited(limit: int, now: datetime) -> Pause | None:
    """Whether the hour has had all its webhooks; until so many of them are an hour old that the
    next may leave."""
    count = journal.tried_since(now - HOUR) if limit else 0
    if not limit or count < limit:
        return None
    last = journal.tried_after(now - HOUR, count - limit)
    if last is None:
        return None
    reason = f"{count} webhooks have left within the hour, and {limit} may"
    return Pause(reason=reason, until=last + HOUR)


def _paused(state: EndpointState | None) -> Pause | None:
    if state is None or not state.paused:
        return None
    return Pause(reason=state.paused, until=None, urgency=logging.ERROR)
