"""Two containers, one lock, and a clock that a test turns."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from redis.exceptions import ConnectionError as Unreachable

from polling.lease import Lease
from polling.lock import FileLock

TTL = 300.0
_numbers = itertools.count()


class FakeRedisLock:
    """One key that several leases share. `down` makes it unreachable, with `loses_answers` it
    does what it is asked and nobody hears of it."""

    down = loses_answers = False
    holder_value = last = ""
    follows = ""

    @classmethod
    def reset(cls) -> None:
        cls.down = cls.loses_answers = False
        cls.holder_value = cls.last = ""

    def __init__(self, name: str) -> None:
        self.value = f"pid=7 host={name} token={next(_numbers)}"

    def _ask(self) -> None:
        if FakeRedisLock.down:
            raise Unreachable

    def acquire(self, former: str = "") -> bool:
        self._ask()
        if FakeRedisLock.holder_value not in ("", self.value, former):
            return False
        FakeRedisLock.holder_value = self.value
        self.follows, FakeRedisLock.last = FakeRedisLock.last, self.value
        if FakeRedisLock.loses_answers:
            raise Unreachable
        return True

    def renew(self) -> bool:
        self._ask()
        return FakeRedisLock.holder_value == self.value

    def release(self) -> None:
        if self.renew():
            FakeRedisLock.holder_value = ""

    def holder(self) -> str:
        self._ask()
        return FakeRedisLock.holder_value


class World:
    """Two containers, each with its own disk, one Redis, one clock."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.changes = 0
        self.a = self.lease("a", folder / "a.lock")
        self.b = self.lease("b", folder / "b.lock")

    def lease(self, name: str, file: Path, redis: bool = True, **options: Any) -> Lease:
        return Lease(
            "default",
            (lambda: FakeRedisLock(name)) if redis else None,  # type: ignore[arg-type, return-value]
            FileLock(file, "default"),
            TTL,
            self._changed,
            clock=lambda: self.now,
            **options,
        )

    def _changed(self) -> None:
        self.changes += 1

    def run(self, seconds: float, *leases: Lease) -> None:
        for _ in range(int(seconds * 2)):
            self.now += 0.5
            for lease in leases or (self.a, self.b):
                lease.tick()
