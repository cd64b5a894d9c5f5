"""How many threads send at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

FEW = 2
# Longer than a quick answer takes, and much shorter than one that has to be waited for.
TURN_SECONDS = 0.02
ALL_SECONDS = 2.0


class Turns:
    """Few threads, as long as answers come at once: one interpreter does the work of all, and more
    of them would only take it from each other. All of them, for a while, as soon as one has waited
    in vain for its turn: then it is the answers that take their time."""

    def __init__(self) -> None:
        self._few = Semaphore(FEW)
        self._all_until = time.monotonic()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for TURN_SECONDS at most."""
        taken = self._waited()
        try:
            yield
        finally:
            if taken:
                self._few.release()

    def _waited(self) -> bool:
        """Whether it is one of the few."""
        if time.monotonic() < self._all_until:
            return False
        taken = self._few.acquire(timeout=TURN_SECONDS)
        if not taken:
            self._all_until = time.monotonic() + ALL_SECONDS
        return taken
