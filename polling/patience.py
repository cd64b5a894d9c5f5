"""When a mailbox that failed may be connected to again."""

from __future__ import annotations

import random
import time

from polling.backoff import backoff
from polling.errors import Kind, MailboxTrouble, NotImap

STRANGE_TIMES = 3


class Patience:
    """A deadline, not a sleep: whatever wakes the poller meanwhile does not shorten it."""

    def __init__(self) -> None:
        self._failures = self._strange = 0
        self._until = 0.0
        self._rng = random.Random()  # noqa: S311  # jitter, not a secret

    def judge(self, trouble: MailboxTrouble) -> None:
        """What is no mail server for the third time in a row will not become one: somebody has
        to act."""
        self._strange = self._strange + 1 if isinstance(trouble, NotImap) else 0
        if self._strange >= STRANGE_TIMES:
            trouble.kind = Kind.CONFIGURATION

    def failed(self, kind: Kind, at_least: float = 0.0) -> float:
        """The seconds to wait, growing with each failure in a row."""
        self._failures += 1
        return self.wait(max(at_least, backoff(kind, self._failures, self._rng)))

    def wait(self, seconds: float) -> float:
        self._until = time.monotonic() + seconds
        return seconds

    def left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def healthy(self) -> None:
        """The failures are not in a row any more."""
        self._failures = 0

    def start_anew(self) -> None:
        self._failures, self._strange, self._until = 0, 0, 0.0
