"""One container: a process of the relay on its disk, taken apart into units of work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from configstore.store import ConfigStore
from polling.lease import Lease
from polling.mailboxes import Mailboxes
from polling.poller import Poller
from polling.settled_elsewhere import SettledElsewhere
from runtime.database_clock import database_clock
from runtime.stopping import Stop
from tests.simulation.database import Database
from tests.simulation.endpoint import SimulatedClient
from tests.simulation.excuses import STARVES
from tests.simulation.session import SimulatedSession
from tests.simulation.waits import NotYet, SimulatedStop, SimulatedThread
from webhooks.dispatcher import Dispatcher

THREADS = 3
LOOK_SECONDS = 2.0
# A thread that finds nothing to do sleeps for longer than it would: each turn costs our time.
LONGEST_IDLE, LONGEST_LOOK = 240.0, 30.0
OPEN = "SELECT 1 FROM webhooks_delivery WHERE settled_at IS NULL LIMIT 1"


class Killed(BaseException):
    """The process has ended here. Nothing catches it, as nothing catches a SIGKILL."""


class Stage(Protocol):
    """What a container needs of its world. shared is the database of all, if there is one."""

    shared: Database | None

    def now(self) -> float: ...
    def wait(self, seconds: float) -> None: ...
    def starved(self, container: Container) -> None: ...


class SimulatedWake:
    """In place of a pipe. Whoever waits for it is due at once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.is_set = False
        self.unit: Unit | None = None

    def set(self) -> None:
        self.is_set = True
        if self.unit is not None:
            self.unit.due = self._stage.now()

    def clear(self) -> None:
        self.is_set = False

    def wait(self, seconds: float) -> bool:
        if not self.is_set:
            self._stage.wait(seconds)
        was_set, self.is_set = self.is_set, False
        return was_set

    def close(self) -> None:
        self.unit = None


@dataclass(eq=False)
class Unit:
    """What one thread does in one go, over and over: work() tells after how many seconds it has
    something to do again, None if it has ended. busy: it is in the middle of it. idles: for how
    long it waits for news of a mailbox after it."""

    name: str
    container: Container
    work: Callable[[], float | None]
    due: float = 0.0
    busy: bool = False
    idles: float | None = None
    wake: SimulatedWake | None = None

    def __str__(self) -> str:
        return f"{self.container.name} {self.name}"


class SimulatedPool(Executor):
    """Each task that has a thread is a unit of its own."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._queue: deque[Callable[[], float | None]] = deque()
        self._busy = 0
        self._count = 0

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> float | None:
            if future.running() or future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*arguments, **named))
                except NotYet as wait:
                    return wait.seconds
            self._ended()
            return None

        self._queue.append(work)
        self._fill()
        return future

    def _ended(self) -> None:
        self._busy -= 1
        self._fill()

    def _fill(self) -> None:
        container = self._container
        while self._queue and self._busy < THREADS:
            self._busy += 1
            self._count += 1
            work, now = self._queue.popleft(), container.stage.now()
            container.units.append(Unit(f"send {self._count}", container, work, now))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        while any(unit.name.startswith("send") and not unit.busy for unit in self._container.units):
            self._container.stage.wait(0.1)


@dataclass(eq=False)
class Container:
    """name is that of the machine, database its disk, or the one that all share. life counts the
    processes that have run there. ahead: by how much its calendar is wrong. looked_after: when it
    last came by to extend its leases."""

    name: str
    stage: Stage
    database: Database
    store: ConfigStore
    redis: Any
    post: Callable[[str, str, str], Any]
    life: int = 0
    alive: bool = False
    frozen_until: float = 0.0
    ahead: float = 0.0
    units: list[Unit] = field(default_factory=list)
    locks: set[str] = field(default_factory=set)
    sessions: list[SimulatedSession] = field(default_factory=list)
    stop: Stop = field(default_factory=SimulatedStop)
    looked_after: float = 0.0
    _idle: int = 0
    _pause: float = LOOK_SECONDS

    @property
    def value(self) -> str:
        return f"{self.name}/{self.life}"

    def start(self) -> None:
        self.life += 1
        self.alive = True
        self.units, self.stop = [], SimulatedStop()
        self.looked_after = self.stage.now()
        self.dispatcher = Dispatcher(
            self.store,
            self.stop,
            THREADS,
            on_settled=lambda ids: self.mailboxes.settled(ids),
            sources=lambda: self.mailboxes.sources(),
            client=SimulatedClient(self.post),  # type: ignore[arg-type]  # all that is asked of one
            pool=SimulatedPool(self),
        )
        self.mailboxes = Mailboxes(self.store, self.stop, self.dispatcher.look)
        self._elsewhere = SettledElsewhere()
        self._add("deliver", self._deliver, self.dispatcher.wake)
        if self.stage.shared is not None:
            self._add("look", self._look)
        # No thread is begun: each loop is a unit of its own.
        self.mailboxes.adjust(lambda name, target: SimulatedThread())  # type: ignore[arg-type,return-value]
        for name, served in self.mailboxes._served.items():
            self._add(f"lock {name}", partial(_kept, served.lease))
            self._add(f"poll {name}", served.poller.step, served.poller.wake)

    def die(self) -> None:
        """With it go its threads, its connections and its file locks."""
        self.alive = False
        self.frozen_until = 0.0
        self.units.clear()
        self.locks.clear()
        for session in self.sessions:
            session.close()
        self.sessions.clear()

    def leases(self) -> dict[str, Lease]:
        return {name: served.lease for name, served in self.mailboxes._served.items()}

    def poller(self, mailbox: str) -> Poller:
        return self.mailboxes._served[mailbox].poller

    def leave(self) -> None:
        """As after a SIGTERM: what is under way ends, then the locks go."""
        self.stop.set()
        self.units = [unit for unit in self.units if unit.name.startswith(("send", "lock"))]
        self.dispatcher.drain(10.0)
        self.units = [unit for unit in self.units if unit.name.startswith("send")]
        self.mailboxes.leave()

    def _add(self, name: str, work: Callable[[], float | None], wake: Any = None) -> None:
        unit = Unit(name, self, work, self.stage.now(), wake=wake)
        if wake is not None:
            wake.unit = unit
        self.units.append(unit)

    def _deliver(self) -> float:
        if self.dispatcher._sending and self.stage.now() - self.looked_after > STARVES:
            self.stage.starved(self)
        self.looked_after = self.stage.now()
        before = self.database.raw.total_changes
        pause = self.dispatcher.step(database_clock.now())
        busy = self.dispatcher._sending or self.database.raw.total_changes > before
        self._idle = 0 if busy else self._idle + 1
        return float(min(pause * 2**self._idle, LONGEST_IDLE))

    def has_work(self) -> bool:
        """Whether the dispatcher could do anything: its steps cost most of a story's time."""
        return bool(self.database.rows(OPEN))

    def _look(self) -> float:
        if settled := self._elsewhere.news(self.mailboxes.identities()):
            self.mailboxes.settled(settled)
        self._pause = LOOK_SECONDS if settled else min(2 * self._pause, LONGEST_LOOK)
        return self._pause


def _kept(lease: Lease) -> float:
    lease.tick()
    return lease.due_in()
