"""The time of a story, in place of that of the machine."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Clock:
    """seconds run for all machines alike; ahead is by how much the calendar of the machine that
    is at work now is wrong. It stands in for the module time too."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.ahead = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def time(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> datetime:
        return self.true_now() + timedelta(seconds=self.ahead)

    def true_now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)


class Dice:
    """Stands in for the module random: all that is thrown comes from the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def Random(self) -> random.Random:  # noqa: N802  # the name is random's
        self._seed += 1
        return random.Random(self._seed)
