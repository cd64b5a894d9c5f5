"""When mail is read again."""

from __future__ import annotations

from datetime import datetime, timedelta

from configstore.documents import PollingConfig
from polling.schedule import standing_down

FARTHEST_DAYS = 366
HOUR = timedelta(hours=1)


def next_opening(config: PollingConfig, now: datetime) -> datetime | None:
    """The beginning of the first hour in which mail is read, None if there is none within a year
    or nobody can tell."""
    if not config.enable_polling:
        return None
    moment = now.replace(minute=0, second=0, microsecond=0)
    for _ in range(FARTHEST_DAYS * 24):
        moment += HOUR
        if not standing_down(config, moment):
            return moment
    return None
