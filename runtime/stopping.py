"""How the threads of a process are asked to stop."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from types import FrameType


class Wake:
    """An event that a thread can wait for together with a socket.

    set() may be called from any thread and from a signal handler. The pipe is closed when
    nobody knows the event any more: a late set() must not write into whatever has the number
    of its descriptor by then.
    """

    _read = _write = -1

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        return self._read

    def set(self) -> None:
        try:
            os.write(self._write, b"!")
        except BlockingIOError:
            return  # full of reminders already

    def clear(self) -> None:
        try:
            while os.read(self._read, 4096):
                pass
        except BlockingIOError:
            return

    def wait(self, seconds: float) -> bool:
        """Sleep until set, at most so many seconds. True if it was set; it is cleared."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        ready = poll.poll(max(0.0, seconds) * 1000)
        self.clear()
        return bool(ready)

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)
        self._read = self._write = -1

    def __del__(self) -> None:
        if self._write >= 0:
            self.close()


class PartStop:
    """Ends the loops of one part of the process: by itself, or with the process."""

    def __init__(self, whole: Stop) -> None:
        self._whole = whole
        self._set = False

    def __bool__(self) -> bool:
        return self._set or bool(self._whole)

    def set(self) -> None:
        self._set = True


class Stop:
    """The one flag that ends all loops, and the wakes of those who sleep.

    Made of pipes: a lock could be held by the very thread that a signal handler interrupts.
    """

    def __init__(self) -> None:
        self._set = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._wakes: list[Wake] = []

    def __bool__(self) -> bool:
        return self._set

    def obey(self, *signals: signal.Signals) -> None:
        """From the main thread: the first of these signals sets the flag, the second ends the
        process here and now."""
        for number in signals:
            signal.signal(number, self._on_signal)
        # Python calls a handler in the main thread only. One that has just begun to sleep, or
        # whose signal another thread was given, would sleep on.
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self:
            os._exit(128 + number)
        self.set()

    def attach(self, wake: Wake) -> Wake:
        """Have this one set with the flag."""
        self._wakes = [*self._wakes, wake]  # a signal handler may be going through the other
        if self._set:
            wake.set()
        return wake

    def detach(self, wake: Wake) -> None:
        self._wakes = [other for other in self._wakes if other is not wake]

    def set(self) -> None:
        if self._set:
            return
        self._set = True
        with suppress(BlockingIOError):  # full of signals already
            os.write(self._write, b"!")
        for wake in self._wakes:
            wake.set()

    def wait(self, seconds: float) -> bool:
        """Sleep until set, at most so many seconds. True if it is set."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)
        return self._set

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)
        for wake in self._wakes:
            wake.close()
