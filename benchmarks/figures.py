"""What a measurement hands over, and what is written as JSON: each run's figures beside their
meaning, so that a file of results can be read without the code that made it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RAW, RELAY = "raw limit", "relay"

Series = list[tuple[float, float]]
"""Seconds since the start, and a value."""


@dataclass(frozen=True)
class Aim:
    """What we want of the medians. ratio: relay to raw limit; behind: relay less raw limit; value:
    that of the relay alone."""

    of: Literal["ratio", "behind", "value"]
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Metric:
    key: str
    title: str
    aim: Aim | None = None
    # In the table of the README.
    headline: bool = False


@dataclass(frozen=True)
class Run:
    subject: str
    figures: dict[str, float]
    series: Series = field(default_factory=list)


@dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Measurement:
    """Runs are in the order in which they were made, one of each subject by turns."""

    name: str
    title: str
    metrics: list[Metric]
    runs: list[Run]

    def values(self, subject: str, key: str) -> list[float]:
        return [run.figures[key] for run in self.runs if run.subject == subject]

    def spread(self, subject: str, key: str) -> Spread | None:
        values = self.values(subject, key)
        return Spread.over(values) if values else None

    def ratio(self, key: str) -> Spread | None:
        """That of the medians, and the least and the most of two runs made in turn. None where
        there is nothing to compare with."""
        relay, raw = self.values(RELAY, key), self.values(RAW, key)
        if not raw or not all(raw):
            return None
        pairs = [ours / theirs for ours, theirs in zip(relay, raw, strict=True)]
        return Spread(statistics.median(relay) / statistics.median(raw), min(pairs), max(pairs))

    def behind(self, key: str) -> Spread | None:
        relay, raw = self.values(RELAY, key), self.values(RAW, key)
        if not raw:
            return None
        pairs = [ours - theirs for ours, theirs in zip(relay, raw, strict=True)]
        return Spread(statistics.median(relay) - statistics.median(raw), min(pairs), max(pairs))

    def judged(self, metric: Metric) -> tuple[float, bool] | None:
        """The value that the aim is about, and whether it is met; None without an aim."""
        if metric.aim is None:
            return None
        found = {
            "ratio": self.ratio(metric.key),
            "behind": self.behind(metric.key),
            "value": self.spread(RELAY, metric.key),
        }[metric.aim.of]
        return (found.median, metric.aim.met(found.median)) if found else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Measurement:
        metrics = [
            Metric(**{**each, "aim": Aim(**each["aim"]) if each["aim"] else None})
            for each in data["metrics"]
        ]
        runs = [
            Run(run["subject"], run["figures"], [(at, value) for at, value in run["series"]])
            for run in data["runs"]
        ]
        return cls(data["name"], data["title"], metrics, runs)
