"""What holds deliveries back, and until when. Pure functions; nothing is ever dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from configstore.documents import WebhookConfig
from configstore.fields import WEEKDAYS


@dataclass(frozen=True, kw_only=True)
class Pause:
    """until None: until a person changes it."""

    reason: str
    until: datetime | None


def pause_in_force(config: WebhookConfig, zone: ZoneInfo, now: datetime) -> Pause | None:
    """The pause that holds all deliveries now. An absence outranks everything."""
    local = now.astimezone(zone)
    if config.absence_pause_enabled and _weekday(local) in config.absence_pause_days:
        return Pause(reason="absence", until=_absence_end(config, local))
    if not config.webhook_sending_enabled:
        return Pause(reason="sending is switched off", until=None)
    if config.webhook_url is None:
        return Pause(reason="no webhook URL is set", until=None)
    return _outside_window(config, local)


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
    return Pause(reason="outside the time window", until=opens)


def _within(moment: time, start: time, end: time) -> bool:
    """Start included, end not; start after end crosses midnight; equal is all day."""
    if start == end:
        return True
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end
