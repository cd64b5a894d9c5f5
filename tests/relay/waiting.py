"""Waiting for what real processes do, with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Fail unless it holds within so many seconds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"not within {seconds:g} s"
        time.sleep(0.02)
