"""When mail is read. Pure functions of the configuration and the time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from configstore.documents import PollingConfig

HOUR = timedelta(hours=1)
# A week and the hours that its clock may be put back.
HOURS_AHEAD = 8 * 24


def standing_down(config: PollingConfig, now: datetime) -> str:
    """Why no mail is read now; "" when it is. Days and hours are those of its time zone."""
    if not config.enable_polling:
        return "polling is switched off (enable_polling)"
    local = now.astimezone(ZoneInfo(config.timezone))
    if _on_vacation(config, local):
        if config.vacation_end is None:
            return "vacation until it is changed"
        return f"vacation until {config.vacation_end} inclusive"
    if local.weekday() not in config.active_days:
        return "not an active day"
    if not _active_hour(config, local):
        return (
            f"outside the active hours {config.active_start_hour or 0} to "
            f"{config.active_end_hour if config.active_end_hour is not None else 24}"
        )
    return ""


def next_change(config: PollingConfig, now: datetime) -> datetime | None:
    """When reading begins or ends by itself; None if that is not within the week, or never. A
    vacation that lasts is passed over."""
    if not config.enable_polling or _always(config):
        return None
    zone, down = ZoneInfo(config.timezone), bool(standing_down(config, now))
    moment = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    for _ in range(HOURS_AHEAD):
        moment += HOUR
        local = moment.astimezone(zone)
        if down and _on_vacation(config, local):
            if config.vacation_end is None:
                return None
            after = datetime.combine(config.vacation_end + timedelta(days=1), time(), zone)
            moment = after.astimezone(UTC)
        if bool(standing_down(config, moment)) != down:
            return moment
    return None


def _always(config: PollingConfig) -> bool:
    hours = (config.active_start_hour or None, config.active_end_hour)
    vacation = (config.vacation_start, config.vacation_end)
    return {*hours, *vacation} == {None} and {*config.active_days} == {*range(7)}


def _on_vacation(config: PollingConfig, local: datetime) -> bool:
    """Both days are inclusive; a missing one leaves that side open."""
    if config.vacation_start is None and config.vacation_end is None:
        return False
    today = local.date()
    if config.vacation_start is not None and today < config.vacation_start:
        return False
    return config.vacation_end is None or today <= config.vacation_end


def _active_hour(config: PollingConfig, local: datetime) -> bool:
    """The start hour is included, the end hour is not. A missing one leaves that side open."""
    start = 0 if config.active_start_hour is None else config.active_start_hour
    end = 24 if config.active_end_hour is None else config.active_end_hour
    if start <= end:
        return start <= local.hour < end
    return local.hour >= start or local.hour < end
