"""The clock by which locks and leases lapse, and whether something is due by another."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


def boot_time() -> float:
    """Seconds, running on while the machine sleeps: a lock in Redis lapses meanwhile."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def passed(since: datetime | None, seconds: float, now: datetime) -> bool:
    """Whether so long ago or, by a clock that was put back, so far ahead; None is for ever ago."""
    return since is None or abs(now - since) >= timedelta(seconds=seconds)
