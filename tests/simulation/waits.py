"""Threads and what they wait by, without anything that waits."""

from __future__ import annotations

from runtime.stopping import Stop


class SimulatedStop(Stop):
    """Without its pipe."""

    def __init__(self) -> None:
        self._set = False
        self._wakes = []

    def set(self) -> None:
        self._set = True
        for wake in self._wakes:
            wake.set()


class NotYet(BaseException):
    """The thread has to wait before it has done anything: it begins anew after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class SimulatedRoom:
    """In place of a semaphore for which a thread waits."""

    def __init__(self, places: int) -> None:
        self._free = places

    def acquire(self, timeout: float) -> bool:
        if not self._free:
            raise NotYet(timeout)
        self._free -= 1
        return True

    def release(self) -> None:
        self._free += 1


class SimulatedThread:
    """What the product knows of a thread here."""

    ident = None

    def is_alive(self) -> bool:
        return True

    def join(self, seconds: float | None = None) -> None:
        pass
