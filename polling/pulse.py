"""Whether a thread that should get on does."""

from __future__ import annotations

import math
import time


class Pulse:
    """Told by the thread itself at each step that it has completed, asked by another one.

    A thread that is to rest says for how long. Before the first beat and after the end nothing
    is expected of it.
    """

    def __init__(self) -> None:
        self._at = math.inf

    def beat(self, rest: float = 0.0) -> None:
        self._at = time.monotonic() + rest

    def end(self) -> None:
        self._at = math.inf

    def silent_for(self) -> float:
        """The seconds since the last beat, or since the end of the rest."""
        return max(0.0, time.monotonic() - self._at)
