"""Pollers of which one after the other is killed, asked to stop or frozen, and replaced."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.runpoller import ManageCommand

Start = Callable[[Path], ManageCommand]
# Of a rolling deployment: in the time in which a platform waits for the old one.
STOP_SECONDS = 20.0
# A frozen one that wakes up needs a moment to notice that its time is over.
WAKING_SECONDS = 4.0


@dataclass(eq=False)
class Blow:
    """What was done to one of them. ended: when it woke up again, or was gone."""

    kind: str
    victim: ManageCommand
    at: float = field(default_factory=time.monotonic)
    ended: float = 0.0


class Crew:
    """So many pollers, each with a disk of its own, which outlives it half of the time."""

    def __init__(self, start: Start, size: int, folder: Path, rng: random.Random) -> None:
        self._start = start
        self._folder = folder
        self._rng = rng
        self._disks = 0
        self.running = [start(self._disk()) for _ in range(size)]
        self.frozen: Blow | None = None
        self.leaving: list[Blow] = []
        self.blows: list[Blow] = []

    def standing_by(self) -> list[ManageCommand]:
        """Those that take over if another one falls."""
        dazed = {
            blow.victim
            for blow in self.blows
            if blow.kind == "freeze"
            and (blow is self.frozen or time.monotonic() < blow.ended + WAKING_SECONDS)
        }
        return [each for each in self.running if each not in dazed and "BG_POLLER" in each.output]

    def strike(self, kind: str, victim: ManageCommand) -> Blow:
        blow = Blow(kind, victim)
        self.blows.append(blow)
        if kind == "freeze":
            victim.freeze()
            self.frozen = blow
            return blow
        if kind == "stop":
            victim.signal(signal.SIGTERM)
            self.leaving.append(blow)
        else:
            victim.kill()
            blow.ended = time.monotonic()
        self.running.remove(victim)
        self.running.append(self._start(self._disk(victim)))
        return blow

    def thaw(self) -> None:
        if self.frozen is not None:
            self.frozen.ended = time.monotonic()
            self.frozen.victim.thaw()
            self.frozen = None

    def see_off(self) -> None:
        """Those that were asked to stop end in time and well."""
        for blow in self.leaving[:]:
            if (code := blow.victim.returncode) is not None:
                assert code == 0, blow.victim.output
                blow.ended = time.monotonic()
                self.leaving.remove(blow)
            assert time.monotonic() - blow.at < STOP_SECONDS, blow.victim.output

    def stop(self) -> None:
        self.thaw()
        for each in self.running:
            each.signal(signal.SIGTERM)
        for each in self.running:
            # One that is still starting has no handler yet, and holds nothing.
            assert each.wait(STOP_SECONDS) in (0, -signal.SIGTERM), each.output

    def _disk(self, victim: ManageCommand | None = None) -> Path:
        """While the old one is still leaving, its disk is not there for the new one."""
        if victim is not None and victim.returncode is not None and self._rng.random() < 0.5:
            return victim.folder
        if victim is not None and victim.returncode is not None:
            shutil.rmtree(victim.folder)
        self._disks += 1
        return self._folder / f"disk-{self._disks}"
