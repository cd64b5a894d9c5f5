"""What happens in this process, counted in memory until somebody writes it down.

To count costs next to nothing and waits for nothing. Values of labels are names of the
configuration or words of the code, never what mails or receivers say.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

INFINITE = "+Inf"
LE = "le"


class Series(NamedTuple):
    """A metric's name, and its labels in their order. Those of a histogram count what is not
    above le, and above the le before it; its sum has none."""

    name: str
    labels: tuple[tuple[str, str], ...]


class _Memory:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: defaultdict[Series, float] = defaultdict(float)

    def add(self, *steps: tuple[Series, float]) -> None:
        with self._lock:
            for series, value in steps:
                self._values[series] += value

    def take(self) -> dict[Series, float]:
        with self._lock:
            taken = dict(self._values)
            self._values.clear()
        return taken


_memory = _Memory()
_declared: list[Counter | Histogram] = []


def take() -> dict[Series, float]:
    """What was counted since the last time."""
    return _memory.take()


def put_back(values: Mapping[Series, float]) -> None:
    """It could not be written."""
    _memory.add(*values.items())


def declared() -> tuple[Counter | Histogram, ...]:
    return tuple(_declared)


@dataclass(frozen=True)
class Counter:
    """words are the values of each label that is no name of the configuration."""

    name: str
    about: str
    labels: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _declared.append(self)

    def add(self, value: float = 1, **labels: str) -> None:
        _memory.add((Series(self.name, _ordered(self.labels, labels)), value))


@dataclass(frozen=True)
class Histogram:
    """bounds go up; what is above the last is counted too."""

    name: str
    about: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]

    def __post_init__(self) -> None:
        _declared.append(self)

    @property
    def sum_name(self) -> str:
        return f"{self.name}_sum"

    def observe(self, value: float, **labels: str) -> None:
        known = _ordered(self.labels, labels)
        place = bisect_left(self.bounds, value)
        le = f"{self.bounds[place]:g}" if place < len(self.bounds) else INFINITE
        _memory.add(
            (Series(self.name, (*known, (LE, le))), 1), (Series(self.sum_name, known), value)
        )


def _ordered(names: tuple[str, ...], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, labels[name]) for name in names)
