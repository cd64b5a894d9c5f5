from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from demo.processes import LAST_LINES, Child
from tests.demo.children import POLITE, STUBBORN
from tests.environment import ROOT, child_environment

SECONDS = 10.0
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


class Watched:
    """A child whose lines and exit code can be waited for."""

    def __init__(self, folder: Path, program: str) -> None:
        self.log = folder / "child.log"
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.codes: SimpleQueue[int] = SimpleQueue()
        self.child = Child(
            "child",
            [sys.executable, "-c", program],
            on_line=self.lines.put,
            on_exit=self.codes.put,
        )
        self.child.start(child_environment(folder), folder, self.log)

    def line(self) -> str:
        return self.lines.get(timeout=SECONDS)

    def code(self) -> int:
        return self.codes.get(timeout=SECONDS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Watched]]:
    started: list[Watched] = []

    def start(program: str) -> Watched:
        started.append(Watched(tmp_path, program))
        return started[-1]

    yield start
    for watched in started:
        watched.child.kill()
        watched.child.stop(SECONDS)


def gone(pid: int) -> bool:
    """Whether the process ends soon. One whose parent does not reap it counts as gone."""
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_lines_come_one_by_one_and_are_kept(start: Callable[[str], Watched]) -> None:
    watched = start("import sys; print('out'); sys.stderr.write('err é\\n')")

    assert sorted([watched.line(), watched.line()]) == ["err é", "out"]
    assert watched.code() == 0
    assert sorted(watched.child.last_lines) == ["err é", "out"]
    assert sorted(watched.log.read_text().splitlines()) == ["err é", "out"]


def test_the_last_lines_are_few(start: Callable[[str], Watched]) -> None:
    watched = start("for number in range(100): print(number)")

    assert watched.code() == 0
    assert list(watched.child.last_lines) == [str(n) for n in range(100 - LAST_LINES, 100)]


def test_the_exit_code_is_told(start: Callable[[str], Watched]) -> None:
    assert start("raise SystemExit(3)").code() == 3


def test_a_polite_child_ends_by_itself(start: Callable[[str], Watched]) -> None:
    watched = start(POLITE)
    watched.line()

    assert watched.child.stop(SECONDS)
    assert not watched.child.alive
    assert watched.code() == 0
    assert watched.line() == "bye"


def test_a_stubborn_child_is_forced(start: Callable[[str], Watched]) -> None:
    watched = start(STUBBORN)
    watched.line()

    assert not watched.child.stop(0.2)
    assert watched.code() == -signal.SIGKILL


def test_stopping_what_has_ended_is_no_trouble(start: Callable[[str], Watched]) -> None:
    watched = start("")
    watched.code()

    assert watched.child.stop(SECONDS)
    watched.child.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_kill_reaches_grandchildren(start: Callable[[str], Watched]) -> None:
    watched = start(PARENT)
    grandchild = int(watched.line())

    watched.child.kill()

    assert watched.code() == -signal.SIGKILL
    assert gone(grandchild)


def test_a_child_is_out_of_reach_of_the_terminal(start: Callable[[str], Watched]) -> None:
    watched = start(POLITE)
    watched.line()

    assert os.getpgid(watched.child.pid) != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="a service of the Linux kernel")
def test_nothing_outlives_a_killed_demo(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from demo.processes import Child
child = Child("child", [sys.executable, "-c", {POLITE!r}],
              on_line=lambda line: print(child.pid, flush=True), on_exit=lambda code: None)
child.start({child_environment(tmp_path)!r}, Path({str(tmp_path)!r}), Path("child.log"))
time.sleep(60)
"""
    demo = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=child_environment(tmp_path, PYTHONPATH=str(ROOT)),
    )
    with demo:
        assert demo.stdout is not None
        child = int(demo.stdout.readline())
        demo.kill()

    assert gone(child)
