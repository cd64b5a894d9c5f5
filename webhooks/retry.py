"""When a delivery that failed is tried again. Pure functions; seconds throughout."""

from __future__ import annotations

import random
from collections.abc import Sequence

# The schedule that Standard Webhooks gives as its example: ten tries in three days.
SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
JITTER = 0.2
LONGEST_RETRY_AFTER = 3600.0
# So many failures in a row, of whatever deliveries, and the endpoint itself is the trouble.
FAILURES_TO_OPEN = 5
# One less, and people hear of it, no later than it shows; and when it answers again, all that waits
# for it leaves at once, as they were told. Not at fewer: a delivery that fails by itself would be
# tried again after each success of another.
FAILURES_TO_TELL = 4
PROBES = (5, 10, 20, 30)
# Tries of a failing endpoint that are further apart than this were not made because of it.
LONGEST_GAP = LONGEST_RETRY_AFTER


def schedule(quick_retries: int, quick_delay: float) -> tuple[float, ...]:
    """The delays between tries. Quick retries come before the schedule and never replace it."""
    return (float(quick_delay),) * quick_retries + tuple(float(step) for step in SCHEDULE)


def next_delay(
    failures: int, delays: Sequence[float], retry_after: float | None, rng: random.Random
) -> float | None:
    """How long to wait after so many failures, None when the schedule is over.

    What the endpoint asks for is granted up to an hour, and never makes it shorter.
    """
    if failures > len(delays):
        return None
    delay = delays[failures - 1] * rng.uniform(1 - JITTER, 1 + JITTER)
    if retry_after is None:
        return delay
    return max(delay, min(retry_after, LONGEST_RETRY_AFTER))


def probe_delay(failures: int) -> float:
    """How long an endpoint with so many failures in a row is left alone before a probe."""
    beyond = max(0, failures - FAILURES_TO_OPEN)
    return float(PROBES[min(beyond, len(PROBES) - 1)])
