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
    """state: what is known of the address that is described now. limit: what limits() says of
    the endpoint."""
    return (
        pause_in_force(config, zone, now, settings.EGRESS_ALLOWED_CIDRS) or _paused(state) or limit
    )


def fault_in_force(config: WebhookConfig, state: EndpointState | None) -> Pause | None:
    """What somebody has to mend, although deliveries may be held for another reason too."""
    return address_fault(config, settings.EGRESS_ALLOWED_CIDRS) or _paused(state)


def room(prefs: ProcessingPrefs, endpoint: str, now: datetime, most: int) -> int:
    """How many deliveries may be begun now for this endpoint, at most so many."""
    if not (limit := prefs.rate_limit_per_hour):
        return most
    return max(0, min(most, limit - journal.tries_since(now - HOUR).get(endpoint, 0)))


def limits(limit: int, now: datetime) -> dict[str, Pause]:
    """The endpoints that have had all their webhooks of the hour; until so many of them are an
    hour old that the next may leave. Each try counts."""
    tries = journal.tries_since(now - HOUR) if limit else {}
    over = {name: count for name, count in tries.items() if count >= limit}
    return {name: _limited(name, count, limit, now) for name, count in over.items()}


def _limited(endpoint: str, count: int, limit: int, now: datetime) -> Pause:
    last = journal.try_since(now - HOUR, endpoint, count - limit) or now - HOUR
    reason = f"{count} webhooks have left within the hour, and {limit} may"
    return Pause(reason=reason, until=last + HOUR)


def _paused(state: EndpointState | None) -> Pause | None:
    if state is None or not state.paused:
        return None
    return Pause(reason=state.paused, until=None, urgency=logging.ERROR, resumable=True)
