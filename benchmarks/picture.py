"""The figures as a picture: the relay beside the raw limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.drain import DRAINS
from benchmarks.figures import RAW, RELAY, Measurement, Series
from benchmarks.numbers import number
from benchmarks.svg import WIDTH, area, bar, heading, line, page, round_above, text

LEFT, RIGHT = 330, 40
ROW, HEAD, PLOT, GAP = 34, 66, 150, 40
SCALE = 22
LINES = {RAW: "raw-line", RELAY: "relay-line"}
# So late Dovecot tells of a mail.
TOLD_MS = 500.0


def drawn(measurements: list[Measurement], below: str) -> str:
    """Of what was measured; the rest has no panel. below: a line under all of it."""
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
    return page("The relay beside the raw limit", parts, height, below)


def _speeds(drains: list[Measurement], top: float) -> tuple[list[str], float]:
    """A bar for each: what part of the raw limit's mails a second."""
    full = WIDTH - LEFT - RIGHT - 60
    parts = heading(
        top,
        "Mails a second, as a part of the raw limit",
        "blue: the median of the runs; thin line: from the least to the most of them; "
        "dashed: the aim",
    )
    for row, drain in enumerate(drains):
        ratio = drain.ratio("mails_per_second")
        if ratio is None:
            continue
        y = top + HEAD + row * ROW
        label = drain.title.replace(" in the mailbox", "").split(", an endpoint")[0]
        parts.append(text(0, y + 12, label))
        parts.append(bar(LEFT, y, full, "track"))
        parts.append(bar(LEFT, y, full * min(1.0, ratio.median), "relay"))
        least, most = (LEFT + full * min(1.0, each) for each in (ratio.least, ratio.most))
        parts.append(line(least, y + 8, most, y + 8, "spread"))
        parts.append(text(LEFT + full + 10, y + 13, f"×{number(ratio.median)}"))
        aim = next(m.aim for m in drain.metrics if m.key == "mails_per_second")
        if aim is not None:
            at = LEFT + full * aim.limit
            parts.append(line(at, y - 4, at, y + 20, "aim"))
    below = top + HEAD + len(drains) * ROW
    for part, words in ((0.0, "0"), (0.5, "half of it"), (1.0, "the raw limit")):
        parts.append(text(LEFT + full * part, below + 4, words, "quiet", middle=True))
    return parts, HEAD + len(drains) * ROW + SCALE


def _arrivals(latency: Measurement, top: float) -> tuple[list[str], float]:
    """How many per cent of the mails were out after how long."""
    series = {run.subject: run.series for run in latency.runs}
    swapped = {who: [(ms, part * 100) for part, ms in points] for who, points in series.items()}
    longest = max(at for points in swapped.values() for at, _ in points)
    plot = Plot(top + HEAD, round_above(longest), 100, "ms", "%", before=TOLD_MS)
    parts = heading(
        top,
        "From the arrival of a mail to its webhook, per cent of the mails",
        f"grey: {TOLD_MS:.0f} ms of each are Dovecot's, which tells of a mail that late",
    )
    return [*parts, *plot.drawn(swapped)], HEAD + PLOT + SCALE


def _memory(memory: Measurement, top: float) -> tuple[list[str], float]:
    series = {run.subject: run.series for run in memory.runs}
    aim = next(metric.aim.limit for metric in memory.metrics if metric.aim)
    longest = max(at for points in series.values() for at, _ in points)
    most = max(aim, *(value for points in series.values() for _, value in points))
    plot = Plot(top + HEAD, round_above(longest), round_above(most), "s", "MiB", aim)
    parts = heading(top, f"Memory, while {memory.title}", "dashed: the aim, which is the relay's")
    return [*parts, *plot.drawn(series)], HEAD + PLOT + SCALE


@dataclass(frozen=True)
class Plot:
    """Lines over two axes from zero, which end at these numbers. Until before, it is grey."""

    top: float
    across: float
    up: float
    unit_across: str
    unit_up: str
    aim: float | None = None
    before: float = 0.0

    def drawn(self, lines: dict[str, Series]) -> Iterator[str]:
        if self.before:
            grey = min(self.before, self.across)
            yield area(60, self.top, self._x(grey) - 60, PLOT, "before")
        yield line(60, self._y(0), WIDTH - RIGHT - 90, self._y(0), "axis")
        for part in (0.0, 0.5, 1.0):
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
