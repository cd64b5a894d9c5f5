"""The product as its operator runs it: a process of its own."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.canary import found_in
from tests.environment import ROOT, child_environment
from tests.guard import EXIT_CODE
from tests.servers.process import end, start


@dataclass(frozen=True)
class Line:
    text: str
    time: float = field(default_factory=time.monotonic)


def migrate(folder: Path, **variables: str) -> Path:
    """A migrated SQLite file, to be copied: migrating anew takes a second. With DATABASE_URL it
    is that database which is migrated."""
    command = [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"]
    environment = child_environment(folder, **variables)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "db.sqlite3"


class ManageCommand:
    """`manage.py <arguments>` running, its lines (stdout and stderr) kept with their time.

    `folder` stands for the disk of one container: database, snapshots, file lock. `prefix` is
    a program that becomes the command after it: nsenter, setpriv.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        variables: Mapping[str, str],
        prefix: Sequence[str] = (),
    ) -> None:
        self.arguments = arguments
        self.folder = folder
        self.environment = child_environment(folder, **variables)
        self.started = time.monotonic()
        self._arrived = threading.Condition()
        self._lines: list[Line] = []
        self._ended = False
        self._process = start(
            [*prefix, sys.executable, "manage.py", *arguments],
            output=subprocess.PIPE,
            environment=self.environment,
            folder=ROOT,
        )
        self._reader = threading.Thread(target=self._read, name="lines", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    @property
    def lines(self) -> list[Line]:
        with self._arrived:
            return self._lines[:]

    @property
    def output(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def wait_line(self, pattern: str, timeout: float = 15.0, *, after: float = 0.0) -> Line:
        """The first line that matches and came after that moment of time.monotonic()."""
        ends = time.monotonic() + timeout
        with self._arrived:
            while True:
                for line in self._lines:
                    if line.time >= after and re.search(pattern, line.text):
                        return line
                left = ends - time.monotonic()
                if self._ended or left <= 0:
                    break
                self._arrived.wait(left)
        why = f"process ended with {self.returncode}" if self._ended else f"not in {timeout} s"
        raise AssertionError(f"no line matches {pattern!r} ({why}):\n{self.output}")

    def wait(self, timeout: float = 30.0) -> int:
        """The exit code of a command that ends by itself."""
        code = self._process.wait(timeout)
        self._reader.join(5)
        return code

    def stop(self, timeout: float = 30.0) -> float:
        """SIGTERM; the seconds until it ended."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        self.wait(timeout)
        return time.monotonic() - begun

    def kill(self) -> None:
        """SIGKILL: nothing is said, released or written."""
        self.signal(signal.SIGKILL)
        self.wait()

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def close(self) -> None:
        """Always called at the end of a test; fails it if the process talked to the outside."""
        end(self._process, seconds=5.0)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert self.returncode != EXIT_CODE, self.output
        assert found_in(self.output) == [], "a secret in what the process said"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = Line(raw.decode(errors="replace").rstrip("\r\n"))
            with self._arrived:
                self._lines.append(line)
                self._arrived.notify_all()
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()


def prepare_folder(folder: Path, migrated: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "db.sqlite3").exists():
        shutil.copy(migrated, folder / "db.sqlite3")
