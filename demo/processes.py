"""Child processes: started on a leash, read line by line, stopped with patience."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
LAST_LINES = 15
SECONDS_TO_DIE = 5.0


class Child:
    """A process in a session of its own: a Ctrl-C in the terminal reaches us alone.

    Its output goes to a log file, to on_line, and the end of it stays in last_lines. When
    it has ended, on_exit is told its exit code (negative: the signal). Both are called from
    a thread of this child. Start it from a thread that lives on: on Linux the kernel ends
    the child with the thread that started it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        on_line: Callable[[str], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._command = [*_leash(), *command]
        self._on_line = on_line
        self._on_exit = on_exit

    def start(self, environment: Mapping[str, str], folder: Path, log: Path) -> None:
        process = subprocess.Popen(  # noqa: S603  # the demo's own commands
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        self._process = process
        self._thread = threading.Thread(
            target=self._read, args=[log], name=f"read-{self.name}", daemon=True
        )
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, seconds: float) -> bool:
        """Ask it to end and wait so long, then force it. Whether asking was enough."""
        self._process.send_signal(signal.SIGTERM)
        self._thread.join(seconds)
        if not self.alive:
            return True
        self.kill()
        self._thread.join(SECONDS_TO_DIE)
        return False

    def kill(self) -> None:
        """At once, with all processes that it started. Safe in a signal handler."""
        if not self.alive:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has just ended
            os.killpg(self._process.pid, signal.SIGKILL)

    def _read(self, log: Path) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it is a PIPE
        with self._process.stdout as output, log.open("a", encoding="utf-8") as copy:
            for line in output:
                copy.write(line)
                copy.flush()
                self.last_lines.append(line.rstrip("\n"))
                self._on_line(line.rstrip("\n"))
        self._on_exit(self._process.wait())


def _leash() -> list[str]:
    return [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
