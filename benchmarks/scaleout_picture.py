"""The scale-out as a picture: a bar for each number of processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.columns import counts
from benchmarks.figures import RELAY, Measurement
from benchmarks.numbers import number, processes
from benchmarks.svg import WIDTH, bar, heading, page, round_above, text

LEFT, RIGHT = 150, 160
ROW, HEAD, SCALE, GAP = 26, 52, 16, 30
THIN = 3.0


class Cell(NamedTuple):
    """A bar from begin to end, paler from `sure` on, and what is written behind it."""

    begin: float
    sure: float
    end: float
    words: str


class Panel(NamedTuple):
    title: str
    legend: str
    cell: Callable[[int], Cell | None]


def drawn(measurement: Measurement, below: str) -> str:
    """below: a line under all of it."""
    parts: list[str] = []
    top = 0.0
    for panel in _panels(measurement):
        cells = {count: found for count in counts(measurement) if (found := panel.cell(count))}
        if cells:
            parts += _panel(panel, cells, top)
            top += HEAD + len(cells) * ROW + SCALE + GAP
    return page("More processes", parts, max(1.0, top - GAP + 10), below)


def _panels(measurement: Measurement) -> list[Panel]:
    takeover = "bar: from the first mailbox to the last; whoever takes over is already running"
    return [
        Panel(
            "Webhooks a second",
            "of all processes together; longer is better",
            lambda count: _until(measurement, "mails_per_second", count),
        ),
        Panel(
            "Seconds until all mailboxes are held",
            "from the start of the first process; shorter is better",
            lambda count: _until(measurement, "held_s", count),
        ),
        Panel(
            "Seconds from kill -9 of a process until its mailboxes are read again",
            takeover,
            lambda count: _between(measurement, "kill_first_s", "kill_last_s", count),
        ),
        Panel(
            "Seconds from SIGTERM to a process until its mailboxes are read again",
            takeover,
            lambda count: _between(measurement, "stop_first_s", "stop_last_s", count),
        ),
        Panel(
            "Webhooks that each process has sent",
            "solid: the process that sent the fewest; pale: the one that sent the most",
            lambda count: _shares(measurement, "sent_least", "sent_most", count),
        ),
    ]


def _panel(panel: Panel, cells: dict[int, Cell], top: float) -> Iterator[str]:
    full = WIDTH - LEFT - RIGHT
    most = round_above(max(cell.end for cell in cells.values()))
    yield from heading(top, panel.title, panel.legend)
    for row, (count, cell) in enumerate(cells.items()):
        y = top + HEAD + row * ROW
        yield text(0, y + 13, processes(count))
        yield bar(LEFT, y, full, "track")
        width = max(THIN, full * (cell.end - cell.begin) / most)
        x = LEFT + min(full * cell.begin / most, full - width)
        yield bar(x, y, width, "relay" if cell.sure == cell.end else "relay some")
        if cell.begin < cell.sure < cell.end:
            yield bar(x, y, full * (cell.sure - cell.begin) / most, "relay")
        yield text(LEFT + full + 10, y + 13, cell.words)
    below = top + HEAD + len(cells) * ROW + 8
    yield text(LEFT, below, "0", "quiet", middle=True)
    yield text(LEFT + full, below, number(most), "quiet", middle=True)


def _until(measurement: Measurement, row: str, count: int) -> Cell | None:
    value = _value(measurement, row, count)
    return None if value is None else Cell(0.0, value, value, number(value))


def _between(measurement: Measurement, first: str, last: str, count: int) -> Cell | None:
    begin, end = _value(measurement, first, count), _value(measurement, last, count)
    if begin is None or end is None:
        return None
    return Cell(begin, end, end, _range(begin, end))


def _shares(measurement: Measurement, least: str, most: str, count: int) -> Cell | None:
    fewest, end = _value(measurement, least, count), _value(measurement, most, count)
    if fewest is None or end is None:
        return None
    return Cell(0.0, fewest, end, _range(fewest, end))


def _range(begin: float, end: float) -> str:
    return number(begin) if begin == end else f"{number(begin)} – {number(end)}"


def _value(measurement: Measurement, row: str, count: int) -> float | None:
    key = f"{row}_by_{count}"
    if key not in {metric.key for metric in measurement.metrics}:
        return None
    spread = measurement.spread(RELAY, key)
    return spread.median if spread else None
