"""The machines of a story, and the one thread in which they take turns."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from configstore.store import ConfigStore
from tests.polling.documents import Memory as Documents
from tests.polling.documents import store_of
from tests.simulation import database
from tests.simulation.clock import Clock
from tests.simulation.container import Container, Killed, Unit
from tests.simulation.endpoint import Receiver
from tests.simulation.excuses import Excuses
from tests.simulation.folder import SENDER, Folder
from tests.simulation.guarantees import Guarantees
from tests.simulation.network import Network
from tests.simulation.redis import Line, Memory, lost
from tests.simulation.story import Story, silence
from tests.simulation.weather import Weather

DEEPEST = 2
FREEZES = (3.0, 12.0, 60.0, 250.0, 400.0)
OFTEN = 0.5


class World:
    """All that a seed decides is decided here, and thrown with one set of dice.

    here is the container that works now. Each question to another machine, and each point of
    runtime.faults, is a place where a process may be interrupted: breathe().
    """

    def __init__(
        self,
        seed: int,
        tell: Callable[[str], None] = silence,
        climate: Mapping[str, Any] | None = None,
    ) -> None:
        self.rng = random.Random(seed)
        self.story = Story(tell)
        self.clock = Clock()
        self.weather = replace(Weather.of(self.rng), **(climate or {}))
        self.redis = Memory(self.clock.monotonic)
        self.receiver = Receiver()
        self.network = Network(self)
        self.excuses = Excuses(self)
        self.guarantees = Guarantees(self)
        self.step = 0
        self.away: set[str] = set()
        self.here: Container | None = None
        self.stack: list[Unit] = []
        self.containers: list[Container] = []
        self.folders = {
            name: Folder(name, self.rng.random() < 0.8, self.guarantees.marked)
            for name in ("default", "second")[: self.rng.choice((1, 1, 1, 2))]
        }
        self.shared = database.take() if self.weather.shared else None
        self._databases = [self.shared] if self.shared else []
        self._store = _store(tuple(self.folders), self.rng.choice(("read", "nothing")))

    def close(self) -> None:
        for each in self._databases:
            database.give_back(each)

    def tell(self, line: str) -> None:
        self.story.tell(f"{self.step:4} {self.clock.seconds - 1000:8.2f} s  {line}")

    def join(self) -> Container:
        """One more container, with a disk of its own unless all share a database."""
        disk = self.shared
        if disk is None:
            disk = database.take()
            self._databases.append(disk)
        name = "abc"[len(self.containers)]
        line = Line(self.redis, lambda what, action: self.network.ask("redis", what, action, lost))
        container = Container(name, self, disk, self._store, line, self.network.post)
        self.containers.append(container)
        return container

    def enter(self, container: Container | None) -> None:
        if container is not None and container is not self.here:
            container.database.use()
            self.clock.ahead = container.ahead
        self.here = container

    def within(self, container: Container, action: Callable[[], Any]) -> None:
        """Do this there. It may die of it."""
        former = self.here
        self.enter(container)
        try:
            action()
        except Killed:
            self.tell(f"{container.name} is killed")
        finally:
            self.enter(former)

    def now(self) -> float:
        return self.clock.seconds

    def database_time(self) -> datetime:
        """A database that all share has its own clock, which is right."""
        return self.clock.true_now() if self.shared else self.clock.now()

    def run(self, unit: Unit) -> None:
        self.step += 1
        self.clock.seconds += self.rng.choice((0.001, 0.01, 0.1))
        self.tell(str(unit))
        unit.busy = True
        self.stack.append(unit)
        self.within(unit.container, lambda: self._work(unit))
        self.stack.pop()
        unit.busy = False
        self.guarantees.check(unit.container)

    def _work(self, unit: Unit) -> None:
        unit.due, unit.idles = float("inf"), None
        if unit.wake is not None:
            unit.wake.clear()
        pause = unit.work()
        if unit.idles is not None:
            pause = unit.idles
        if pause is None:
            if unit in unit.container.units:
                unit.container.units.remove(unit)
        else:
            awake = unit.wake is not None and unit.wake.is_set
            unit.due = self.now() if awake else min(unit.due, self.now() + pause)

    def turn(self) -> None:
        """One unit that is due has its turn; if none is, time passes until one is."""
        units = self._units()
        if not units:
            self.clock.seconds += 1.0
            return
        self.clock.seconds = max(self.clock.seconds, min(unit.due for unit in units))
        self.run(self.rng.choice([unit for unit in units if unit.due <= self.clock.seconds]))

    def round(self) -> None:
        """All that are due now have their turn."""
        units = [unit for unit in self._units() if unit.due <= self.clock.seconds]
        self.rng.shuffle(units)
        for unit in units:
            if unit in unit.container.units and not unit.busy:
                self.run(unit)

    def sending(self) -> bool:
        units = [unit for container in self.containers for unit in container.units]
        return any(unit.name.startswith("send") for unit in units)

    def _units(self) -> list[Unit]:
        """Those that could run: nothing waits for a database that somebody is writing to."""
        locked = {unit.container.database for unit in self.stack
                  if unit.container.database.in_transaction}  # fmt: skip
        return [
            unit
            for container in self.containers
            if container.alive
            and container.frozen_until <= self.clock.seconds
            and container.database not in locked
            for unit in container.units
            if not unit.busy and (unit.name != "deliver" or container.has_work())
        ]

    def breathe(self, place: str) -> None:
        """The process that works now comes by here. Raises Killed if this is its end."""
        container = self.here
        if container is None:
            return
        self.tell(f"    {container.name} at {place}")
        if place == "delivery.claimed":
            self.guarantees.claimed(container)
        elif place == "delivery.settling":
            self.guarantees.settling(container)
        elif place == "delivery.settled":
            self.excuses.settled(container.database)
        weather = self.weather
        if self.happens(weather.crash):
            self.kill(container)
        elif len(self.stack) < DEEPEST and self.happens(weather.freeze):
            self._freeze(container, self.rng.choice(FREEZES))
        elif len(self.stack) < DEEPEST and self.happens(weather.interrupt):
            for _ in range(self.rng.randint(1, 5)):
                self.turn()
        if not container.alive:
            raise Killed

    def _freeze(self, container: Container, seconds: float) -> None:
        """In the middle of a step. What the others do meanwhile is not all that they could."""
        self.tell(f"    ! {container.name} is frozen for {seconds:g} s")
        self.excuses.note("frozen", container.value)
        turns = self.rng.randint(2, 12)
        container.frozen_until = self.clock.seconds + seconds
        for _ in range(turns):
            self.turn()
            self.clock.seconds += seconds / turns
        self.clock.seconds = max(self.clock.seconds, container.frozen_until)

    def wait(self, seconds: float) -> None:
        """Whoever works now sleeps, and the others go on."""
        ends = self.clock.seconds + seconds
        while self.clock.seconds < ends:
            self.turn()
        if self.here is not None and not self.here.alive:
            raise Killed

    def kill(self, container: Container) -> None:
        self.tell(f"    ! {container.name} is killed")
        self.excuses.note("killed", container.value)
        container.die()

    def happens(self, chance: float) -> bool:
        return bool(chance) and self.rng.random() < chance

    def starved(self, container: Container) -> None:
        self.excuses.note("starved", container.value)


def _store(mailboxes: tuple[str, ...], after: str) -> ConfigStore:
    documents = Documents()
    for name in mailboxes:
        further = name != "default"
        documents.documents["polling_config" + (f":{name}" if further else "")] = {
            "imap_host": "imap.example",
            "imap_user": f"{name}@relay.example",
            "imap_password": "secret",
            "sender_of_interest_for_polling": [SENDER],
            "after_relay": after,
            **({} if further else {"mailboxes": [*mailboxes[1:]]}),
        }
    documents.documents["processing_prefs"] = {
        "relay_without_links": True,
        "retry_count": 3,
        "retry_delay_sec": 2,
    }
    documents.documents["webhook_config"] = {"webhook_url": "https://receiver.example/hook"}
    store = store_of(documents)
    store.watched = True
    return store
