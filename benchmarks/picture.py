"""The figures as a picture: an SVG that needs nothing else, in the light and in the dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from benchmarks.drain import DRAINS
from benchmarks.figures import RAW, RELAY, Measurement, Series

WIDTH, LEFT, RIGHT = 860, 330, 40
ROW, HEAD, PLOT, GAP = 34, 46, 150, 40
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #59636e }
.track { fill: #d1d9e0 }
.relay { fill: #0969da } .relay-line { stroke: #0969da }
.raw-line { stroke: #818b98 }
.line { fill: none; stroke-width: 2 }
.axis { stroke: #d1d9e0 } .spread { stroke: #1f2328 }
.aim { stroke: #cf222e; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .track { fill: #3d444d }
  .relay { fill: #4493f8 } .relay-line { stroke: #4493f8 } .raw-line { stroke: #9198a1 }
  .axis { stroke: #3d444d } .spread { stroke: #f0f6fc } .aim { stroke: #f85149 }
}
"""
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
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">'
    label = "<title>The relay beside the raw limit</title>"
    return "\n".join([head, label, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def _speeds(drains: list[Measurement], top: float) -> tuple[list[str], float]:
    """A bar for each: what part of the raw limit's mails a second."""
    full = WIDTH - LEFT - RIGHT - 60
    parts = [
        _text(0, top + 18, "Mails a second, as a part of the raw limit (dashed: the aim)", "title")
    ]
    for row, drain in enumerate(drains):
        ratio = drain.ratio("mails_per_second")
        if ratio is None:
            continue
        y = top + HEAD + row * ROW
        label = drain.title.replace(" in the mailbox", "").split(", an endpoint")[0]
        parts.append(_text(0, y + 12, label))
        parts.append(
            f'<rect class="track" x="{LEFT}" y="{y:g}" width="{full}" height="16" rx="3"/>'
        )
        width = full * min(1.0, ratio.median)
        parts.append(
            f'<rect class="relay" x="{LEFT}" y="{y:g}" width="{width:.1f}" height="16" rx="3"/>'
        )
        least, most = (LEFT + full * min(1.0, each) for each in (ratio.least, ratio.most))
        parts.append(_line(least, y + 8, most, y + 8, "spread"))
        parts.append(_text(LEFT + full + 10, y + 13, f"{ratio.median:.2f}"))
        aim = next(m.aim for m in drain.metrics if m.key == "mails_per_second")
        if aim is not None:
            at = LEFT + full * aim.limit
            parts.append(_line(at, y - 4, at, y + 20, "aim"))
    return parts, HEAD + len(drains) * ROW


def _arrivals(latency: Measurement, top: float) -> tuple[list[str], float]:
    """How many per cent of the mails were out after how long."""
    series = {run.subject: run.series for run in latency.runs}
    swapped = {who: [(ms, part * 100) for part, ms in points] for who, points in series.items()}
    longest = max(at for points in swapped.values() for at, _ in points)
    plot = Plot(top + HEAD, round_above(longest), 100, "ms", "%")
    title = "From the arrival of a mail to its webhook, per cent of the mails"
    return [_text(0, top + 18, title, "title"), *plot.drawn(swapped)], HEAD + PLOT + 22


def _memory(memory: Measurement, top: float) -> tuple[list[str], float]:
    series = {run.subject: run.series for run in memory.runs}
    aim = next(metric.aim.limit for metric in memory.metrics if metric.aim)
    longest = max(at for points in series.values() for at, _ in points)
    most = max(aim, *(value for points in series.values() for _, value in points))
    plot = Plot(top + HEAD, round_above(longest), round_above(most), "s", "MiB", aim)
    title = f"Memory, while {memory.title} (dashed: the aim)"
    return [_text(0, top + 18, title, "title"), *plot.drawn(series)], HEAD + PLOT + 22


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
        yield _line(60, self._y(0), WIDTH - RIGHT - 90, self._y(0), "axis")
        for part in (0.5, 1.0):
            at, value = self.across * part, self.up * part
            yield _text(
                self._x(at), self.top + PLOT + 16, f"{at:.0f} {self.unit_across}", middle=True
            )
            yield _text(0, self._y(value) + 4, f"{value:.0f} {self.unit_up}", "quiet")
        if self.aim is not None:
            yield _line(60, self._y(self.aim), WIDTH - RIGHT - 90, self._y(self.aim), "aim")
        for place, (name, points) in enumerate(lines.items()):
            steps = " ".join(f"{self._x(at):.1f},{self._y(value):.1f}" for at, value in points)
            yield f'<polyline class="line {LINES[name]}" points="{steps}"/>'
            y = self.top + 14 + place * 20
            yield _line(WIDTH - RIGHT - 80, y - 4, WIDTH - RIGHT - 60, y - 4, f"line {LINES[name]}")
            yield _text(WIDTH - RIGHT - 54, y, name)

    def _x(self, value: float) -> float:
        return 60 + (WIDTH - RIGHT - 150) * value / self.across

    def _y(self, value: float) -> float:
        return self.top + PLOT * (1 - value / self.up)


def round_above(value: float) -> float:
    """A number to be read at half of it, too."""
    power = 10.0 ** math.floor(math.log10(max(value, 1)))
    return next(power * step for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if power * step >= value)


def _text(x: float, y: float, text: str, kind: str = "", middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{anchor}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'
