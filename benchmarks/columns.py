"""A measurement of several numbers of processes as a table: a row for each figure, a column for
each number. The keys of its metrics are ROW_by_NUMBER, their titles "ROW, NUMBER processes"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.figures import RELAY, Measurement
from benchmarks.numbers import processes, spread_text

KEY = re.compile(r"(?P<row>\w+)_by_(?P<count>\d+)")
WIDTHS = "{:1} {:52}" + "{:>20}" * 4


class Row(NamedTuple):
    """cells are in the order of counts(); missed says that one of them misses its aim."""

    key: str
    title: str
    cells: list[str]
    missed: bool


def is_for(measurement: Measurement) -> bool:
    return all(KEY.fullmatch(metric.key) for metric in measurement.metrics)


def counts(measurement: Measurement) -> list[int]:
    return sorted({count for _, count in map(_split, _keys(measurement))})


def rows(measurement: Measurement) -> Iterator[Row]:
    """A cell is empty where there is no such figure."""
    titles = {_split(each.key)[0]: each.title.rpartition(", ")[0] for each in measurement.metrics}
    for key, title in titles.items():
        found = {count: f"{key}_by_{count}" for count in counts(measurement)}
        cells = [_cell(measurement, name) for name in found.values()]
        judged = [
            measurement.judged(metric)
            for metric in measurement.metrics
            if metric.key in found.values()
        ]
        missed = any(not verdict[1] for verdict in judged if verdict)
        yield Row(key, title, cells, missed)


def text(measurement: Measurement) -> str:
    """! before a row in which a figure misses its aim."""
    numbers = counts(measurement)
    heads = [processes(number) for number in numbers]
    empty = [""] * (4 - len(numbers))
    lines = [measurement.title, WIDTHS.format("", "", *heads, *empty).rstrip()]
    for row in rows(measurement):
        missed = "!" if row.missed else ""
        lines.append(WIDTHS.format(missed, row.title, *row.cells, *empty).rstrip())
    return "\n".join(lines) + "\n"


def markdown(measurement: Measurement) -> str:
    heads = [processes(number) for number in counts(measurement)]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join([row.title, *row.cells])} |" for row in rows(measurement)]
    return "\n".join(lines)


def _keys(measurement: Measurement) -> list[str]:
    return [metric.key for metric in measurement.metrics]


def _split(key: str) -> tuple[str, int]:
    found = KEY.fullmatch(key)
    assert found, key
    return found["row"], int(found["count"])


def _cell(measurement: Measurement, key: str) -> str:
    known = key in _keys(measurement)
    return spread_text(measurement.spread(RELAY, key) if known else None)
