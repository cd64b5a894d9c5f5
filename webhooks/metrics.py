"""What is counted of deliveries."""

from __future__ import annotations

from runtime.counters import Counter, Histogram
from webhooks.models import Outcome, State

ATTEMPTS = Counter(
    "attempts",
    "Tries to deliver, by how they ended: delivered, failed, unknown (cut off), late.",
    ("endpoint", "outcome"),
    {"outcome": tuple(Outcome.values)},
)
ATTEMPT_SECONDS = Histogram(
    "attempt_seconds",
    "How long a try took.",
    ("endpoint",),
    (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)
SETTLED = Counter(
    "deliveries_settled",
    "Deliveries that ended.",
    ("endpoint", "state"),
    {"state": (State.DELIVERED.value, State.DEAD.value)},
)
LAG_SECONDS = Histogram(
    "delivery_lag_seconds",
    "From a mail's arrival in its mailbox to its delivery.",
    ("endpoint",),
    (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 86400),
)
TRANSFERS = Counter(
    "r2_transfers",
    "Files that the R2 Worker was asked for.",
    ("outcome",),
    {"outcome": ("success", "failed")},
)
