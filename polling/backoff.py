"""How long to wait before the next try, by the class of the trouble."""

from __future__ import annotations

import random
from dataclasses import dataclass

from polling.errors import Kind


@dataclass(frozen=True)
class Delays:
    """Seconds: the first wait, its growth with each failure in a row, and the longest."""

    first: float
    factor: float
    longest: float


BACKOFF = {
    Kind.TRANSIENT: Delays(1, 2, 300),
    Kind.LIMIT: Delays(300, 2, 1800),
    Kind.AUTHENTICATION: Delays(300, 3, 3600),
    Kind.CONFIGURATION: Delays(60, 2, 300),
    Kind.POISON: Delays(60, 2, 300),
}


def backoff(kind: Kind, failures: int, rng: random.Random) -> float:
    """Seconds to wait after so many failures in a row, with jitter between half and all of it."""
    delays = BACKOFF[kind]
    wait = min(delays.longest, delays.first * delays.factor ** min(failures - 1, 20))
    return wait * rng.uniform(0.5, 1.0)
