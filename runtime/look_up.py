"""Look-ups of names that end with the deadline of their request.

getaddrinfo cannot be interrupted and has no time limit of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from runtime.deadline import Deadline

THREADS = 8
SLICE_SECONDS = 0.05
T = TypeVar("T")

_places = threading.BoundedSemaphore(THREADS)


class LookUpTooSlow(OSError):
    """The deadline ended before the name was found."""


class _LookUp(Generic[T]):
    """One call in a thread that nobody has to wait for. It keeps its place until it returns."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.done = threading.Event()
        self._function = function
        self._results: list[T] = []
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._results.append(self._function())
        except (OSError, ValueError) as exc:
            self._error = exc
        finally:
            _places.release()
            self.done.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        if not self._results:
            raise RuntimeError("a look-up ended with an unexpected error")
        return self._results[0]


def in_time(deadline: Deadline, function: Callable[[], T]) -> T:
    """What function returns or raises, OSError or ValueError. Raises LookUpTooSlow when the
    deadline ends before; the thread is then left to itself."""
    _wait(deadline, lambda seconds: _places.acquire(timeout=seconds))
    look_up = _LookUp(function)
    try:
        threading.Thread(target=look_up.run, name="look-up", daemon=True).start()
    except RuntimeError:  # the system has no thread left
        _places.release()
        raise
    _wait(deadline, look_up.done.wait)
    return look_up.result()


def _wait(deadline: Deadline, ready: Callable[[float], bool]) -> None:
    """In slices: a request that is cut from outside must not go on waiting."""
    while not ready(min(SLICE_SECONDS, deadline.remaining())):
        if deadline.expired or not deadline.remaining():
            raise LookUpTooSlow(f"its name was not looked up within {deadline.seconds:g} s")
