"""What pictures are drawn of: an SVG that needs nothing else, in the light and in the dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH = 860
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #59636e }
.track { fill: #d1d9e0 }
.relay { fill: #0969da } .relay-line { stroke: #0969da } .some { fill-opacity: 0.45 }
.raw-line { stroke: #818b98 }
.line { fill: none; stroke-width: 2 }
.axis { stroke: #d1d9e0 } .spread { stroke: #1f2328; stroke-width: 1.5 }
.before { fill: #d1d9e0; fill-opacity: 0.45 }
.aim { stroke: #cf222e; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .quiet { fill: #9198a1 } .track { fill: #3d444d }
  .relay { fill: #4493f8 } .relay-line { stroke: #4493f8 } .raw-line { stroke: #9198a1 }
  .axis { stroke: #3d444d } .spread { stroke: #f0f6fc } .before { fill: #3d444d }
  .aim { stroke: #f85149 }
}
"""


def page(title: str, parts: Sequence[str], height: float, below: str = "") -> str:
    """below: a line under all of it."""
    if below:
        parts, height = [*parts, text(0, height + 18, below, "quiet")], height + 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">'
    label = f"<title>{escape(title)}</title>"
    return "\n".join([head, label, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def text(x: float, y: float, words: str, kind: str = "", middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{anchor}>{escape(words)}</text>'


def heading(top: float, title: str, legend: str) -> list[str]:
    """legend: what the marks of the panel mean."""
    return [text(0, top + 18, title, "title"), text(0, top + 38, legend, "quiet")]


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def bar(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="16" rx="3"/>'


def area(x: float, y: float, width: float, height: float, kind: str) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size}/>'


def round_above(value: float) -> float:
    """A number to be read at half of it, too."""
    power = 10.0 ** math.floor(math.log10(max(value, 1)))
    return next(power * step for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if power * step >= value)
