"""The scale-out as a picture: a bar for each number of processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.columns import counts
from benchmarks.figures import RELAY, Measurement
from benchmarks.numbers import number, processes
from benchmarks.svg import WIDTH, bar, page, round_above, text

LEFT, RIGHT = 150, 160
ROW, HEAD, GAP = 26, 32, 30
THIN = 3.0
Cell = tuple[float, float, str]
"""Where the bar begins and ends, and what is written behind it."""


def drawn(measurement: Measurement) -> str:
    panels: list[tuple[str, Callable[[int], Cell | None]]] = [
        ("Webhooks a second", lambda count: _until(measurement, "mails_per_second", count)),
        (
            "Seconds until all mailboxes are held",
            lambda count: _until(measurement, "held_s", count),
        ),
        (
            "Seconds from kill -9 until its mailboxes are read again, the first and the last",
            lambda count: _between(measurement, "kill_first_s", "kill_last_s", count),
        ),
        (
            "The same from SIGTERM",
            lambda count: _between(measurement, "stop_first_s", "stop_last_s", count),
        ),
        (
            "Webhooks that a process has sent, the fewest and the most",
            lambda count: _between(measurement, "sent_least", "sent_most", count),
        ),
    ]
    parts: list[str] = []
    top = 0.0
    for title, cell in panels:
        cells = {count: found for count in counts(measurement) if (found := cell(count))}
        if cells:
            parts += _panel(title, cells, top)
            top += HEAD + len(cells) * ROW + GAP
    return page("More processes", parts, max(1.0, top - GAP + 10))


def _panel(title: str, cells: dict[int, Cell], top: float) -> Iterator[str]:
    full = WIDTH - LEFT - RIGHT
    most = round_above(max(end for _, end, _ in cells.values()))
    yield text(0, top + 18, title, "title")
    for row, (count, (begin, end, words)) in enumerate(cells.items()):
        y = top + HEAD + row * ROW
        yield text(0, y + 13, processes(count))
        yield bar(LEFT, y, full, "track")
        width = max(THIN, full * (end - begin) / most)
        yield bar(LEFT + min(full * begin / most, full - width), y, width, "relay")
        yield text(LEFT + full + 10, y + 13, words)


def _until(measurement: Measurement, row: str, count: int) -> Cell | None:
    value = _value(measurement, row, count)
    return None if value is None else (0.0, value, number(value))


def _between(measurement: Measurement, least: str, most: str, count: int) -> Cell | None:
    begin, end = _value(measurement, least, count), _value(measurement, most, count)
    if begin is None or end is None:
        return None
    return (begin, end, f"{number(begin)} – {number(end)}")


def _value(measurement: Measurement, row: str, count: int) -> float | None:
    key = f"{row}_by_{count}"
    if key not in {metric.key for metric in measurement.metrics}:
        return None
    spread = measurement.spread(RELAY, key)
    return spread.median if spread else None
