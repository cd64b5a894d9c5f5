"""The `runpoller` processes that share the mailboxes of an estate: who holds which, who has sent
how many, and what each has cost."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable

from redis import Redis

from benchmarks.estate import DEFAULT, Estate
from benchmarks.processes import Process, Spent, spent_by

LOCK = "render_signal:poller_lock"
HOLDER = re.compile(r"pid=(\d+) ")
DELIVERED = re.compile(r" Delivered webhook_id=")
STEP = 0.05
LIMIT = 240.0


class Crew:
    def __init__(self, estate: Estate, client: Redis) -> None:
        self.running: list[Process] = []
        self._estate = estate
        self._client = client

    def join(self, count: int) -> float:
        """So many more. The moment in which the first was started."""
        started = []
        for _ in range(count):
            folder = self._estate.disk()
            command = [sys.executable, "manage.py", "runpoller"]
            started.append(Process(command, folder, self._estate.variables(folder)))
        self.running += started
        return started[0].started

    def holdings(self) -> dict[int, list[str]]:
        """The mailboxes that each holds, by its process number."""
        names = self._estate.names
        values = self._client.mget(
            [LOCK if name == DEFAULT else f"{LOCK}:{name}" for name in names]
        )
        held: dict[int, list[str]] = {process.pid: [] for process in self.running}
        for name, value in zip(names, values, strict=True):
            holder = HOLDER.match(value.decode() if isinstance(value, bytes) else "")
            if holder and int(holder[1]) in held:
                held[int(holder[1])].append(name)
        return held

    def counts(self) -> list[int]:
        return [len(names) for names in self.holdings().values()]

    def all_held(self) -> bool:
        return sum(self.counts()) == len(self._estate.names)

    def even(self) -> bool:
        """All are held, and nobody holds more than one more than another."""
        counts = self.counts()
        return sum(counts) == len(self._estate.names) and max(counts) - min(counts) <= 1

    def sent(self) -> list[int]:
        """How many webhooks each has sent, as its log tells."""
        return [
            len(DELIVERED.findall(process.log.read_text(errors="replace")))
            for process in self.running
        ]

    def spent(self) -> list[Spent]:
        return [spent for process in self.running if (spent := spent_by(process.pid))]

    def kill(self, process: Process) -> None:
        self.running.remove(process)
        process.signal(signal.SIGKILL)

    def dismiss(self, process: Process) -> None:
        self.running.remove(process)
        process.signal(signal.SIGTERM)

    def stop(self) -> None:
        """At once: none takes over from another."""
        for process in self.running:
            process.signal(signal.SIGTERM)
        for process in self.running:
            process.stop()

    def until(self, what: str, holds: Callable[[], bool]) -> float:
        """Wait; when it was so. Ends the measurement if it does not come about."""
        ends = time.monotonic() + LIMIT
        while not holds():
            if time.monotonic() > ends or any(process.ended for process in self.running):
                logs = (process.log.read_text(errors="replace") for process in self.running)
                said = "\n".join(log[-2000:] for log in logs)
                raise SystemExit(f"{what} does not come about: {self.counts()} are held\n{said}")
            time.sleep(STEP)
        return time.monotonic()
