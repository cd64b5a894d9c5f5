"""What holds the deliveries of an endpoint: the configuration, or what the endpoint did."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from configstore.documents import WebhookConfig
from webhooks import journal
from webhooks.endpoints import Endpoint
from webhooks.pause import Pause, address_fault, pause_in_force


def hold_in_force(
    config: WebhookConfig, endpoint: Endpoint | None, zone: ZoneInfo, now: datetime
) -> Pause | None:
    return pause_in_force(config, zone, now, settings.EGRESS_ALLOWED_CIDRS) or _paused(endpoint)


def fault_in_force(config: WebhookConfig, endpoint: Endpoint | None) -> Pause | None:
    """What somebody has to mend, although deliveries may be held for another reason too."""
    return address_fault(config, settings.EGRESS_ALLOWED_CIDRS) or _paused(endpoint)


def _paused(endpoint: Endpoint | None) -> Pause | None:
    reason = journal.paused(endpoint) if endpoint else ""
    return Pause(reason=reason, until=None, urgency=logging.ERROR) if reason else None
