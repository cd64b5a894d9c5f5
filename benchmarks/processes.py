"""A process tree and what it costs, as Linux tells it in /proc."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Series
from tests.servers.process import end, start

ROOT = Path(__file__).resolve().parent.parent
PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
HIGHEST = re.compile(r"VmHWM:\s+(\d+) kB")
MIB = 2**20
# Seconds between two looks.
STEP = 0.2


class Spent(NamedTuple):
    cpu_seconds: float
    resident_mib: float
    peak_mib: float


class Costs(threading.Thread):
    """CPU seconds and resident memory of a process and its children, read five times a second.

    The peak is the most that all of them had at once, or the kernel's own high-water mark of the
    largest, whichever is more. A child that lives for less than a step may be missed.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(name="costs", daemon=True)
        self.series: Series = []
        self._pid = pid
        self._began = time.monotonic()
        self._cpu: dict[int, float] = {}
        self._peak = 0.0
        self._reading = threading.Lock()
        self._over = threading.Event()

    @property
    def cpu_seconds(self) -> float:
        self._read()
        return sum(self._cpu.values())

    @property
    def peak_mib(self) -> float:
        self._read()
        return self._peak

    def run(self) -> None:
        while not self._over.wait(STEP):
            self._read()

    def finish(self) -> None:
        self._over.set()
        self.join()

    def _read(self) -> None:
        with self._reading:
            resident = 0.0
            for pid in tree(self._pid):
                if (spent := spent_by(pid)) is None:
                    continue
                self._cpu[pid] = spent.cpu_seconds
                resident += spent.resident_mib
                self._peak = max(self._peak, spent.peak_mib)
            self._peak = max(self._peak, resident)
            if resident:
                self.series.append((time.monotonic() - self._began, resident))


def spent_by(pid: int) -> Spent | None:
    """Without its children; None if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    highest = HIGHEST.search(status)
    return Spent(
        cpu_seconds=(int(stat[11]) + int(stat[12])) / TICKS,
        resident_mib=int(stat[21]) * PAGE / MIB,
        peak_mib=int(highest[1]) / 1024 if highest else 0.0,
    )


def tree(pid: int) -> Iterator[int]:
    """A process and all that come from it."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))
    except OSError:
        return  # it has just ended


class Process:
    """A command, running. started: on the clock that all processes of a machine share."""

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **variables,
        }
        self.log = folder / "output.log"
        with self.log.open("ab") as log:
            self.started = time.monotonic()
            self._process = start(command, output=log, environment=environment, folder=ROOT)
        self.pid = self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        end(self._process, seconds=25)


class Subject(Process):
    """What is measured, and what it costs."""

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
        super().__init__(command, folder, variables)
        self.costs = Costs(self.pid)
        self.costs.start()

    def stop(self) -> None:
        self.costs.finish()
        super().stop()
