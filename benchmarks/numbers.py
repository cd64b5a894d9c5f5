"""How figures are written."""

from __future__ import annotations

from benchmarks.figures import Spread


def number(value: float) -> str:
    """Three digits that say something, and a space between thousands."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def spread_text(spread: Spread | None, sign: str = "") -> str:
    """The median, and in brackets the least and the most; "" for None."""
    if spread is None:
        return ""
    middle, least, most = map(number, (spread.median, spread.least, spread.most))
    middle = f"{'' if spread.median < 0 else sign}{middle}"
    return middle if least == most else f"{middle} ({least}–{most})"


def processes(count: int) -> str:
    return f"{count} process{'es' if count > 1 else ''}"
