"""What both flows stand on: child processes, one thread that speaks, an orderly end."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TextIO

from demo import terminal
from demo.folder import Folder
from demo.processes import Child

HOST = "127.0.0.1"
PORTS_TO_TRY = 50
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FORCED = 130  # what a shell expects of a program that Ctrl-C ended
TICK_SECONDS = 0.1
SECONDS_FOR_A_STEP = 5.0


class StopAsked(Exception):  # noqa: N818  # no error
    """Somebody pressed Ctrl-C or sent a signal."""


class ChildEnded(Exception):  # noqa: N818  # the name says what happened
    """A child ended that should have stayed, or a step failed."""

    def __init__(self, child: Child, code: int) -> None:
        self.child = child
        self.code = code
        super().__init__(f"{child.name} ended, exit code {code}")


class NoPort(Exception):  # noqa: N818  # the name says what is missing
    """There is no free port near the wanted one."""


class Stage:
    """Runs one flow to its end.

    Whatever happens in another thread or in a signal handler is queued as a call, and made
    by pump() in the main thread. So all output is in order and nothing needs a lock.
    """

    def __init__(self, root: Path, folder: Folder, out: TextIO, style: terminal.Style) -> None:
        self.folder = folder
        self.style = style
        self.shows: Callable[[terminal.LogLine], bool] = lambda entry: entry.loud
        # What is to be closed, the last first: children, then what they talk to.
        self.closing = contextlib.ExitStack()
        self._root = root
        self._out = out
        self._happenings: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._children: list[Child] = []
        self._stop_asked = False
        self._ending = False
        self._forced = False

    def perform(self, flow: Callable[[], int]) -> int:
        """The exit code: the flow's own, 0 when asked to stop, 1 when a child failed."""
        previous = {
            number: signal.signal(number, self._on_signal)
            for number in SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN  # as under nohup
        }
        try:
            code = flow()
        except StopAsked:
            code = 0
        except ChildEnded as exc:
            self._report(exc)
            code = 1
        except NoPort as exc:
            self.say(terminal.trouble(self.style, str(exc)))
            code = 1
        finally:
            self._ending = True
            if self._children:
                self.say([""])
            self.closing.close()
            for number, handler in previous.items():
                signal.signal(number, handler)
        return FORCED if self._forced else code

    def post(self, happening: Callable[[], None]) -> None:
        """Have this called by pump(). May be called from any thread."""
        self._happenings.put(happening)

    def pump(self, done: Callable[[], bool], seconds: float | None = None) -> bool:
        """Handle what happens until done() or the time is over; done() at the end.

        Raises StopAsked and ChildEnded.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        while not done():
            left = TICK_SECONDS if ends is None else min(ends - time.monotonic(), TICK_SECONDS)
            if left <= 0:
                return False
            with contextlib.suppress(queue.Empty):
                self._happenings.get(timeout=left)()
        return True

    def say(self, lines: Iterable[str]) -> None:
        try:
            for line in lines:
                self._out.write(line + "\n")
            self._out.flush()
        except BrokenPipeError:
            # Nobody reads any more: end, and let nothing fail on the way.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
            self.post(self._stop)

    def status(self, label: str, text: str) -> None:
        self.say(terminal.status(self.style, label, text))

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """A step that ends by itself; ChildEnded when it fails."""
        codes: list[int] = []
        child = self._launch(name, command, environment, codes.append)
        try:
            self.pump(lambda: bool(codes))
        finally:
            child.stop(SECONDS_FOR_A_STEP)
        if codes[0]:
            raise ChildEnded(child, codes[0])

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], patience: float
    ) -> Child:
        """A process that is to stay. At the end it has so many seconds to stop by itself."""

        def ended(code: int) -> None:
            if not self._ending:
                raise ChildEnded(child, code)

        child = self._launch(name, command, environment, ended)
        self.closing.callback(self._stop_child, child, patience)
        return child

    def wait_for_port(self, port: int, seconds: float) -> bool:
        return self.pump(lambda: _answers(port), seconds)

    def _launch(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_exit: Callable[[int], None],
    ) -> Child:
        child = Child(
            name,
            [sys.executable, *command],
            on_line=lambda line: self.post(partial(self._show_log, name, line)),
            on_exit=lambda code: self.post(partial(on_exit, code)),
        )
        child.start(environment, self._root, self.folder.log(name))
        self._children.append(child)
        return child

    def _stop_child(self, child: Child, patience: float) -> None:
        alive = child.alive
        if alive:
            self.status(child.name, "stopping…")
        stopped = child.stop(patience)
        self.pump(self._happenings.empty)
        if alive and not self._forced:
            how = "stopped" if stopped else f"did not stop within {patience:g} s; it was killed"
            self.status(child.name, how)

    def _show_log(self, name: str, text: str) -> None:
        entry = terminal.log_line(text)
        if self.shows(entry):
            self.say(terminal.log(self.style, name, entry))

    def _report(self, failure: ChildEnded) -> None:
        child = failure.child
        how = f"signal {-failure.code}" if failure.code < 0 else f"exit code {failure.code}"
        self.say(
            terminal.trouble(
                self.style,
                f"{child.name} ended by itself ({how}). Its last lines:",
                child.last_lines,
            )
        )
        self.say(
            terminal.trouble(
                self.style,
                f"All it wrote is in {shorter(self.folder.log(child.name))}. When the cause is "
                "repaired, start again with `make run`.",
            )
        )

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop_asked or self._ending:
            self._forced = True
            for child in self._children:
                child.kill()
        self._stop_asked = True
        self.post(self._stop)

    def _stop(self) -> None:
        if not self._ending:
            raise StopAsked


def free_port(wanted: int) -> int:
    """The wanted port, else the next one that is free; NoPort when there is none near."""
    for port in range(wanted, wanted + PORTS_TO_TRY):
        with socket.socket() as probe:
            # As gunicorn does it: connections of a moment ago do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NoPort(f"No port from {wanted} to {wanted + PORTS_TO_TRY - 1} is free for the web page.")


def shorter(path: Path) -> str:
    """The path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
