"""Servers that are killed, or stand still, with all their processes (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

DEAD = "ZX"


class Server(Protocol):
    @property
    def pid(self) -> int: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


@contextlib.contextmanager
def killed(server: Server) -> Iterator[None]:
    """kill -9, and started again."""
    everybody = family(server.pid)
    tell(everybody, signal.SIGKILL)
    server.stop()
    while any(map(_lives, everybody)):
        time.sleep(0.01)
    yield
    server.start()


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Connections are taken by the kernel and never answered."""
    everybody = family(server.pid)
    tell(everybody, signal.SIGSTOP)
    try:
        yield
    finally:
        tell(everybody, signal.SIGCONT)


def family(pid: int) -> list[int]:
    """It, and all that it and its children have started."""
    children = [child for path in _tasks(pid) for child in path.read_text().split()]
    return [pid, *(each for child in children for each in family(int(child)))]


def tell(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _tasks(pid: int) -> Iterator[Path]:
    return Path(f"/proc/{pid}/task").glob("*/children")


def _lives(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        return state not in DEAD
    return False
