"""What `make` hands over by variables."""

from __future__ import annotations

import os
import sys


def number(name: str, *, above: float = 0, whole: bool = True) -> float | None:
    """None where it is not given. Where it is no such number, the process ends with a sentence."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = above
    if above < value < float("inf"):
        return value
    kind = "a whole number" if whole else "a number"
    bound = f" above {above:g}" if above >= 0 else ", and none below 0"
    sys.stderr.write(f"{name} is {kind}{bound}, not {text!r}.\n")
    raise SystemExit(2)
