"""What holds deliveries back, and until when. Pure functions; nothing is ever dropped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from configstore.documents import WebhookConfig
from configstore.fields import WEEKDAYS
from configstore.fields import translatable as _
from webhooks.egress import UNUSABLE, EgressRefused, Network, check_url

# Reasons are told in English by the log, and in the language of its reader by the journal.
ABSENCE = _("absence")
SWITCHED_OFF = _("sending is switched off")
OUTSIDE = _("outside the time window")
NO_URL = _("no webhook URL is set (WEBHOOK_URL, or under Endpoints in the admin)")


@dataclass(frozen=True, kw_only=True)
class Pause:
    """until None: until a person changes it. urgency is a level of logging: INFO is meant to be
    so, WARNING matters as soon as something waits, ERROR at once. resumable: a person ends it by
    resuming the endpoint."""

    reason: str
    until: datetime | None
    urgency: int = logging.INFO
    resumable: bool = False


def sentence(pause: Pause, zone: ZoneInfo) -> str:
    """For operators, whose clocks are those of the zone."""
    if pause.urgency > logging.INFO:
        return f"Deliveries wait: {pause.reason}"
    until = moment_in(zone, pause.until) if pause.until else "it is changed"
    return f"Deliveries are held: {pause.reason}, until {until}"


def moment_in(zone: ZoneInfo, moment: datetime) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}"


def pause_in_force(
    config: WebhookConfig, zone: ZoneInfo, now: datetime, allowed: Sequence[Network]
) -> Pause | None:
    """The pause that holds all deliveries now. An absence outranks everything."""
    local = now.astimezone(zone)
    if config.absence_pause_enabled and _weekday(local) in config.absence_pause_days:
        return Pause(reason=ABSENCE, until=_absence_end(config, local))
    if not config.webhook_sending_enabled:
        return Pause(reason=SWITCHED_OFF, until=None)
    return address_fault(config, allowed) or _outside_window(config, local)


def address_fault(config: WebhookConfig, allowed: Sequence[Network]) -> Pause | None:
    """What is wrong with the webhook URL as it is written."""
    if config.webhook_url is None:
        return Pause(reason=NO_URL, until=None, urgency=logging.WARNING)
    try:
        check_url(config.webhook_url, allowed)
    except EgressRefused as exc:
        return Pause(reason=f"{UNUSABLE}: {exc}", until=None, urgency=logging.ERROR)
    return None


def _weekday(local: datetime) -> str:
    return WEEKDAYS[local.weekday()]


def _absence_end(config: WebhookConfig, local: datetime) -> datetime | None:
    for days in range(1, 8):
        day = local + timedelta(days=days)
        if _weekday(day) not in config.absence_pause_days:
            return day.replace(hour=0, minute=0, second=0, microsecond=0)
    return None


def _outside_window(config: WebhookConfig, local: datetime) -> Pause | None:
    if config.webhook_time_start is None or config.webhook_time_end is None:
        return None
    start = time.fromisoformat(config.webhook_time_start)
    end = time.fromisoformat(config.webhook_time_end)
    if _within(local.time(), start, end):
        return None
    opens = local.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0)
    if opens <= local:
        opens += timedelta(days=1)
    return Pause(reason=OUTSIDE, until=opens)


def _within(moment: time, start: time, end: time) -> bool:
    """Start included, end not; start after end crosses midnight; equal is all day."""
    if start == end:
        return True
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end
