"""Deadlines that hold although a peer keeps dripping bytes."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from types import TracebackType
from typing import Self


class Deadline:
    """A time limit on everything that is done with some sockets.

    A socket timeout counts from the last byte, so a peer that sends one byte a second is
    never late. When this deadline is over, the sockets it watches are shut down, which
    ends a blocked read or write in any thread at once; `expired` is then true, and the
    owner turns the resulting OSError into a sentence of its own.

    It works on a duplicate of the file descriptor: the number may be closed and reused by
    somebody else while the timer runs, and TLS may wrap the socket meanwhile.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self.thread = threading.get_ident()
        self._ends = time.monotonic() + seconds
        self._descriptors: list[int] = []
        self._lock = threading.Lock()
        self.closed = False

    def __enter__(self) -> Self:
        _timer.add(self._ends, self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self.closed = True
            for descriptor in self._descriptors:
                os.close(descriptor)
            self._descriptors.clear()
        _timer.leave()

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._ends - time.monotonic())

    def watch(self, sock: socket.socket) -> None:
        with self._lock:
            if self.closed:
                return
            self._descriptors.append(os.dup(sock.fileno()))
        if self.expired:
            self._cut()

    def let_go(self) -> None:
        """Of the sockets watched so far: somebody else may use them from now on."""
        with self._lock:
            for descriptor in self._descriptors:
                os.close(descriptor)
            self._descriptors.clear()

    def expire(self) -> None:
        if not self.closed:
            self.expired = True
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            for descriptor in self._descriptors:
                _shut_down(descriptor)


def _shut_down(descriptor: int) -> None:
    sock = socket.socket(fileno=os.dup(descriptor))
    with sock, contextlib.suppress(OSError):  # not connected, or already gone
        sock.shutdown(socket.SHUT_RDWR)


class _Timer:
    """One thread that expires all deadlines of the process."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Deadline]] = []
        self._numbers = itertools.count()
        self._left = 0
        self._thread: threading.Thread | None = None

    def add(self, ends: float, deadline: Deadline) -> None:
        with self._condition:
            first = not self._heap or ends < self._heap[0][0]
            heapq.heappush(self._heap, (ends, next(self._numbers), deadline))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif first:
                self._condition.notify()

    def leave(self) -> None:
        """A deadline was met. Its entry goes once such entries are the majority."""
        with self._condition:
            self._left += 1
            if self._left * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if not entry[2].closed]
                heapq.heapify(self._heap)
                self._left = 0

    def expire_thread(self, thread: int) -> None:
        with self._condition:
            deadlines = [entry[2] for entry in self._heap if entry[2].thread == thread]
        for deadline in deadlines:
            deadline.expire()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._heap or self._heap[0][0] > time.monotonic():
                    wait = self._heap[0][0] - time.monotonic() if self._heap else None
                    self._condition.wait(wait)
                _, _, deadline = heapq.heappop(self._heap)
            deadline.expire()


_timer = _Timer()


def expire_thread(thread: int) -> None:
    """End what this thread waits for under a deadline, as if its time were over."""
    _timer.expire_thread(thread)
