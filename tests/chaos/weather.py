"""What is done to a relay at random, decided beforehand: a seed repeats it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# How often, beside the others.
KINDS = {
    "kill": 5,
    "freeze": 3,
    "stop": 3,
    "cut the mailbox": 2,
    "cut Redis": 2,
    "cut PostgreSQL": 2,
    "restart Redis": 2,
    "restart PostgreSQL": 2,
    "fail the endpoint": 2,
    "silence the endpoint": 1,
}
GAPS = (2.0, 6.0)
LASTS = (1.0, 8.0)
# The end is calm, so that it can be seen that all heals.
MAILS_PER_SECOND = 3.0


@dataclass(frozen=True)
class Strike:
    """at, lasts: seconds since the beginning. choice: which of those that can be struck."""

    at: float
    kind: str
    choice: float
    lasts: float

    def __str__(self) -> str:
        return f"{self.at:7.1f} s  {self.kind} for {self.lasts:.1f} s ({self.choice:.2f})"


def forecast(seed: int, seconds: float) -> list[Strike]:
    """The same for the same seed, however a run goes; a longer one begins alike."""
    return list(_strikes(random.Random(seed), seconds))


def _strikes(rng: random.Random, seconds: float) -> Iterator[Strike]:
    at = 0.0
    while True:
        at += rng.uniform(*GAPS)
        (kind,) = rng.choices(list(KINDS), list(KINDS.values()))
        strike = Strike(at, kind, rng.random(), rng.uniform(*LASTS))
        if at >= seconds:
            return
        yield strike


class Clearing:
    """What has to be undone, and when."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}

    @property
    def under_way(self) -> Mapping[str, object]:
        return self._due

    def add(self, kind: str, at: float, undo: Callable[[], None]) -> None:
        self._due[kind] = (at, undo)

    def clear(self, now: float) -> None:
        for kind, (at, undo) in list(self._due.items()):
            if at <= now:
                del self._due[kind]
                undo()
