"""Where the simulation takes the place of the world: the only things that are not the product's."""

from __future__ import annotations

import contextlib
import logging
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import connections

from polling.sharing import Sharing
from runtime import faults
from runtime.database_clock import DatabaseClock
from tests.simulation.clock import Dice
from tests.simulation.container import SimulatedWake
from tests.simulation.waits import SimulatedRoom
from tests.simulation.world import World

OURS = ("polling.", "webhooks.", "configstore.", "runtime.")
SHARED = ("admission", "mailboxes", "served", "settled_elsewhere")
REDIS = ("polling.served", "webhooks.receipts")


class Process:
    """In place of the module os: each process has the same number, as in containers."""

    @staticmethod
    def getpid() -> int:
        return 7


class AtOnce:
    """In place of a thread that follows another: it has done what it is given. Its connection is
    that of the container."""

    def __init__(self, *_: object, **__: object) -> None:
        self.shutdown = lambda: None

    def submit(self, work: Callable[..., object], *arguments: object) -> Future[object]:
        done: Future[object] = Future()
        done.set_result(None if work == connections.close_all else work(*arguments))
        return done


class SimulatedFileLock:
    """A file on the disk of the container, which goes with the process."""

    def __init__(self, world: World, path: Path, mailbox: str) -> None:
        assert world.here is not None
        self._locks = world.here.locks
        self._mailbox = mailbox

    def acquire(self) -> bool:
        if self._mailbox in self._locks:
            return False
        self._locks.add(self._mailbox)
        return True

    def release(self) -> None:
        self._locks.discard(self._mailbox)


def _holder_value(world: World, count: Iterator[int]) -> str:
    assert world.here is not None
    return f"pid=7 host={world.here.name} started={world.here.life} token={next(count)}"


def _is_dead(world: World, value: str) -> bool:
    """A former process of this very machine."""
    fields = dict(part.split("=", 1) for part in value.split() if "=" in part)
    here = world.here
    return here is not None and fields["host"] == here.name and fields["started"] != str(here.life)


def _replacements(world: World, seed: int) -> dict[str, Any]:
    """By the name of what is replaced."""
    count = iter(range(1, 1_000_000))
    found: dict[str, Any] = {
        "django.utils.timezone.now": world.clock.now,
        "polling.poller.Session": world.network.session,
        "polling.mailboxes.build_sharing": lambda: Sharing(None),
        "polling.served.FileLock": lambda *where: SimulatedFileLock(world, *where),
        "polling.served.Wake": lambda: SimulatedWake(world),
        "polling.lease.os": Process,
        "webhooks.sending.BoundedSemaphore": SimulatedRoom,
        "webhooks.follow_up.ThreadPoolExecutor": AtOnce,
        "webhooks.dispatcher.Wake": lambda: SimulatedWake(world),
        "polling.lock.holder_value": lambda: _holder_value(world, count),
        "polling.lock.is_dead": lambda value: _is_dead(world, value),
        "polling.quarantine._rng": random.Random(seed),
    }
    found |= {f"{module}.redis_client": lambda: world.here and world.here.redis for module in REDIS}
    found |= {f"polling.{name}.shared_database": lambda: bool(world.shared) for name in SHARED}
    substitutes = {time: world.clock, random: Dice(seed), faults.fault: world.breathe}
    return found | {name: substitutes[real] for name, real in _users(*substitutes).items()}


@cache
def _users(*wanted: Any) -> dict[str, Any]:
    """The names under which the product knows these."""
    return {
        f"{name}.{attribute}": value
        for name, module in list(sys.modules.items())
        if name.startswith(OURS)
        for attribute, value in vars(module).items()
        if any(value is each for each in wanted)
    }


@contextlib.contextmanager
def _replaced(replacements: dict[str, Any]) -> Iterator[None]:
    places = [(name.rpartition("."), value) for name, value in replacements.items()]
    before = [getattr(sys.modules[module], attribute) for (module, _, attribute), _ in places]
    for (module, _, attribute), value in places:
        setattr(sys.modules[module], attribute, value)
    try:
        yield
    finally:
        for ((module, _, attribute), _), value in zip(places, before, strict=True):
            setattr(sys.modules[module], attribute, value)


@contextlib.contextmanager
def simulated(world: World, seed: int) -> Iterator[None]:
    before, root = connections["default"], logging.getLogger()
    root.addHandler(world.story)
    try:
        with (
            _replaced(_replacements(world, seed)),
            mock.patch.object(DatabaseClock, "now", lambda _: world.database_time()),
            mock.patch.object(DatabaseClock, "known", lambda _: world.database_time()),
        ):
            yield
    finally:
        root.removeHandler(world.story)
        connections["default"] = before
        world.close()
