"""A Redis in memory, with the few commands of the lock and of the receipts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redis import ConnectionError as NotConnected

from polling.lock import DELETE_IF_SAME, EXTEND_IF_SAME, FOLLOW_IF_SAME
from webhooks.receipts import NOTE


class Memory:
    """What Redis holds: values, and when each lapses by its own clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._values: dict[str, tuple[bytes, float]] = {}
        self._scripts = {
            DELETE_IF_SAME: self._delete_if_same,
            EXTEND_IF_SAME: self._extend_if_same,
            FOLLOW_IF_SAME: self._follow_if_same,
            NOTE: self._note,
        }

    def get(self, key: str) -> bytes | None:
        value, lapses = self._values.get(key, (b"", 0.0))
        return value if self._clock() < lapses else None

    def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        return [self.get(key) for key in keys]

    def set(self, key: str, value: str, nx: bool = False, px: int | None = None) -> bool | None:
        if nx and self.get(key) is not None:
            return None
        lapses = float("inf") if px is None else self._clock() + px / 1000
        self._values[key] = value.encode(), lapses
        return True

    def eval(self, script: str, count: int, *arguments: object) -> object:
        words = [str(word) for word in arguments]
        return self._scripts[script](words[:count], words[count:])

    def flushall(self) -> None:
        self._values.clear()

    def _is(self, key: str, value: str) -> bool:
        return self.get(key) == value.encode()

    def _delete_if_same(self, keys: list[str], words: list[str]) -> object:
        if not self._is(keys[0], words[0]):
            return 0
        del self._values[keys[0]]
        return 1

    def _extend_if_same(self, keys: list[str], words: list[str]) -> object:
        if not self._is(keys[0], words[0]):
            return 0
        self.set(keys[0], words[0], px=int(words[1]))
        if last := self.get(keys[1]):
            self.set(keys[1], last.decode(), px=int(words[1]))
        return 1

    def _follow_if_same(self, keys: list[str], words: list[str]) -> object:
        if not self._is(keys[0], words[0]):
            return None
        last = self.get(keys[1])
        self.set(keys[1], words[0], px=int(words[1]))
        return last or b""

    def _note(self, keys: list[str], words: list[str]) -> object:
        for key in keys:
            self.set(key, "1", px=int(words[0]) * 1000)
        return None


class Line:
    """The way of one process to Redis. ask is told each question before it is put, and gives the
    answer or loses it."""

    def __init__(self, memory: Memory, ask: Callable[[str, Callable[[], object]], object]) -> None:
        self._memory = memory
        self._ask = ask

    def get(self, key: str) -> object:
        return self._ask("GET", lambda: self._memory.get(key))

    def mget(self, keys: Sequence[str]) -> object:
        return self._ask("MGET", lambda: self._memory.mget(keys))

    def set(self, key: str, value: str, nx: bool = False, px: int | None = None) -> object:
        return self._ask("SET", lambda: self._memory.set(key, value, nx, px))

    def eval(self, script: str, count: int, *arguments: object) -> object:
        return self._ask("EVAL", lambda: self._memory.eval(script, count, *arguments))


def lost() -> NotConnected:
    return NotConnected("the connection to Redis is lost")
