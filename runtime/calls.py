"""Calls that nobody has to wait for to their end: what they ask may never answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")


class StillUnderWay(Exception):
    """The call has not returned in time. It goes on."""


class CallFailed(Exception):
    """The call ended with a fault, which the log shows."""


class Call(Generic[T]):
    """One call in a thread of its own."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.begun = time.monotonic()
        self._function = function
        self._done = threading.Event()
        self._answers: list[T] = []
        self._error: Exception = CallFailed()

    def wait(self, seconds: float) -> T:
        """What the function returns, or raises if that was expected of it. Raises StillUnderWay
        and CallFailed."""
        if not self._done.wait(max(0.0, seconds)):
            raise StillUnderWay
        if not self._answers:
            raise self._error
        return self._answers[0]

    def run(self, key: str, expected: tuple[type[Exception], ...]) -> None:
        try:
            self._answers.append(self._function())
        except expected as exc:
            self._error = exc
        except Exception:
            logger.exception("A fault in the answer about %s", key)

    def end(self) -> None:
        self._done.set()


class Calls(Generic[T]):
    """At most one call for each key is under way: whoever asks for the same meanwhile waits for
    its answer, so that one which hangs does not gather threads. expected is what the functions
    may raise."""

    def __init__(self, *expected: type[Exception]) -> None:
        self._expected = expected
        self._under_way: dict[str, Call[T]] = {}
        self._lock = threading.Lock()

    def begin(self, key: str, function: Callable[[], T]) -> Call[T]:
        with self._lock:
            known = self._under_way.get(key)
            if known is not None:
                return known
            call = self._under_way[key] = Call(function)
        thread = threading.Thread(target=self._run, args=(key, call), name=key, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no thread left
            self._forget(key, call)
            raise
        return call

    def waited(self) -> float:
        """For how long the oldest of those under way has been, in seconds."""
        with self._lock:
            begun = [call.begun for call in self._under_way.values()]
        return time.monotonic() - min(begun) if begun else 0.0

    def _run(self, key: str, call: Call[T]) -> None:
        try:
            call.run(key, self._expected)
        finally:
            self._forget(key, call)

    def _forget(self, key: str, call: Call[T]) -> None:
        """Before its end is told: whoever has its answer and asks again gets a new one."""
        with self._lock:
            del self._under_way[key]
        call.end()
