"""The figures as a picture: the relay beside the raw limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.drain import DRAINS
from benchmarks.figures import RAW, RELAY, Measurement, Series
from benchmarks.svg import WIDTH, bar, line, page, round_above, text

LEFT, RIGHT = 330, 40
ROW, HEAD, PLOT, GAP = 34, 46, 150, 40
LINES = {RAW: "raw-line", RELAY: "relay-line"}


def drawn(measurements: list[Measurement]) -> str:
    """Of what was measured; the rest has no panel."""
    named = {measurement.name: measurement for measurement in measurements}
    panels: list[Callable[[float], tuple[list[str], float]]] = []
    if drains := [named[name] for name in DRAINS if name in named]:
        panels.append(lambda top: _speeds(drains, top))
    if "latency" in named:
        panels.append(lambda top: _arrivals(named["latency"], top))
    if "memory" in named:
        panels.append(lambda top: _memory(named["memory"], top))
    parts, top = [], 0.0
    for panel in panels:
        drawing, height = panel(top)
        parts += drawing
        top += height + GAP
    height = max(1.0, top - GAP + 10)
    return page("The relay beside the raw limit", parts, height)


def _speeds(drains: list[Measurement], top: float) -> tuple[list[str], float]:
    """A bar for each: what part of the raw limit's mails a second."""
    full = WIDTH - LEFT - RIGHT - 60
    parts = [
        text(0, top + 18, "Mails a second, as a part of the raw limit (dashed: the aim)", "title")
    ]
    for row, drain in enumerate(drains):
        ratio = drain.ratio("mails_per_second")
        if ratio is None:
            continue
        y = top + HEAD + row * ROW
        label = drain.title.replace(" in the mailbox", "").split(", an endpoint")[0]
        parts.append(text(0, y + 12, label))
        parts.append(bar(LEFT, y, full, "track"))
        width = full * min(1.0, ratio.median)
        parts.append(bar(LEFT, y, width, "relay"))
        least, most = (LEFT + full * min(1.0, each) for each in (ratio.least, ratio.most))
        parts.append(line(least, y + 8, most, y + 8, "spread"))
        parts.append(text(LEFT + full + 10, y + 13, f"{ratio.median:.2f}"))
        aim = next(m.aim for m in drain.metrics if m.key == "mails_per_second")
        if aim is not None:
            at = LEFT + full * aim.limit
            parts.append(line(at, y - 4, at, y + 20, "aim"))
    return parts, HEAD + len(drains) * ROW


def _arrivals(latency: Measurement, top: float) -> tuple[list[str], float]:
    """How many per cent of the mails were out after how long."""
    series = {run.subject: run.series for run in latency.runs}
    swapped = {who: [(ms, part * 100) for part, ms in points] for who, points in series.items()}
    longest = max(at for points in swapped.values() for at, _ in points)
    plot = Plot(top + HEAD, round_above(longest), 100, "ms", "%")
    title = "From the arrival of a mail to its webhook, per cent of the mails"
    return [text(0, top + 18, title, "title"), *plot.drawn(swapped)], HEAD + PLOT + 22


def _memory(memory: Measurement, top: float) -> tuple[list[str], float]:
    series = {run.subject: run.series for run in memory.runs}
    aim = next(metric.aim.limit for metric in memory.metrics if metric.aim)
    longest = max(at for points in series.values() for at, _ in points)
    most = max(aim, *(value for points in series.values() for _, value in points))
    plot = Plot(top + HEAD, round_above(longest), round_above(most), "s", "MiB", aim)
    title = f"Memory, while {memory.title} (dashed: the aim)"
    return [text(0, top + 18, title, "title"), *plot.drawn(series)], HEAD + PLOT + 22


@dataclass(frozen=True)
class Plot:
    """Lines over two axes from zero, which end at these numbers."""

    top: float
    across: float
    up: float
    unit_across: str
    unit_up: str
    aim: float | None = None

    def drawn(self, lines: dict[str, Series]) -> Iterator[str]:
        yield line(60, self._y(0), WIDTH - RIGHT - 90, self._y(0), "axis")
        for part in (0.5, 1.0):
            at, value = self.across * part, self.up * part
            yield text(
                self._x(at), self.top + PLOT + 16, f"{at:.0f} {self.unit_across}", middle=True
            )
            yield text(0, self._y(value) + 4, f"{value:.0f} {self.unit_up}", "quiet")
        if self.aim is not None:
            yield line(60, self._y(self.aim), WIDTH - RIGHT - 90, self._y(self.aim), "aim")
        for place, (name, points) in enumerate(lines.items()):
            steps = " ".join(f"{self._x(at):.1f},{self._y(value):.1f}" for at, value in points)
            yield f'<polyline class="line {LINES[name]}" points="{steps}"/>'
            y = self.top + 14 + place * 20
            yield line(WIDTH - RIGHT - 80, y - 4, WIDTH - RIGHT - 60, y - 4, f"line {LINES[name]}")
            yield text(WIDTH - RIGHT - 54, y, name)

    def _x(self, value: float) -> float:
        return 60 + (WIDTH - RIGHT - 150) * value / self.across

    def _y(self, value: float) -> float:
        return self.top + PLOT * (1 - value / self.up)
