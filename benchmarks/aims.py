"""What is wanted of the figures, in words, and what misses it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Aim, Measurement, Metric
from benchmarks.numbers import number

AIMS = {"ratio": " times the raw limit", "behind": " more than the raw limit", "value": ""}
SIGNS = {"ratio": "×", "behind": "", "value": ""}


def wanted(aim: Aim) -> str:
    if not aim.limit:
        return "none"
    bound = "at least" if aim.at_least else "at most"
    return f"{bound} {number(aim.limit)}{AIMS[aim.of]}"


def verdict(measurements: Sequence[Measurement]) -> str:
    """How many aims are missed, and which: a line for each."""
    judged = [
        (found[1], _line(measurement, metric, found[0]))
        for measurement in measurements
        for metric in measurement.metrics
        if (found := measurement.judged(metric))
    ]
    missed = [line for met, line in judged if not met]
    if not missed:
        return f"No aim of {len(judged)} is missed."
    return "\n".join([f"{len(missed)} of {len(judged)} aims are missed:", *missed])


def _line(measurement: Measurement, metric: Metric, value: float) -> str:
    assert metric.aim is not None
    found = f"{SIGNS[metric.aim.of]}{number(value)}"
    return f"  {measurement.name}: {metric.title}: {found}, wanted: {wanted(metric.aim)}"
