"""Containers that share the mailboxes out, by a clock that a test turns."""

from __future__ import annotations

from redis import Redis

from polling.lock import redis_key
from polling.lock_value import process_of
from polling.roster import Roster
from polling.sharing import Sharing

NAMES = ("m1", "m2", "m3", "m4")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Container:
    """A process elsewhere: its locks bear another host."""

    def __init__(self, client: Redis, host: str) -> None:
        self.client, self.host = client, host
        self.me = process_of(self.value())
        self.sharing = Sharing(Roster(client, self.me))

    def value(self, since: str = "1") -> str:
        return f"pid=7 host={self.host} since={since} place= started= token={self.host}"

    def hold(self, name: str, since: str = "1") -> None:
        self.client.set(redis_key(name), self.value(since))

    def may_take(self) -> list[str]:
        return [name for name in NAMES if self.sharing.elsewhere(name) is None]


def look(*containers: Container) -> None:
    for _ in range(2):  # the first does not see who signs in after it
        for container in containers:
            container.sharing.look(NAMES)
