"""The clock by which locks and leases lapse."""

from __future__ import annotations

import time


def boot_time() -> float:
    """Seconds, running on while the machine sleeps: a lock in Redis lapses meanwhile."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
