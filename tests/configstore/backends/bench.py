"""Stores to run one suite over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from redis import Redis

from configstore.backends.base import ConfigBackend, JSONObject
from configstore.backends.file import FileBackend
from configstore.backends.php import PhpBackend
from configstore.backends.redis import RedisBackend
from tests.servers.php import TOKEN, PhpApi
from tests.servers.redis import RedisServer

NAME = "polling_config"
PREFIX = "r:ss:config:"
RICH: JSONObject = {"été": "Zoë 🚚", "list": [1, 2.5, None, True], "deep": {"a": {"b": []}}, "": ""}


class Bench(ABC):
    """A store, and another way into what it holds."""

    backend: ConfigBackend

    @abstractmethod
    def put_raw(self, raw: bytes) -> None: ...

    @abstractmethod
    def get_raw(self) -> bytes | None: ...

    @abstractmethod
    def unreachable(self) -> ConfigBackend: ...


class RedisBench(Bench):
    def __init__(self, server: RedisServer) -> None:
        self.backend = RedisBackend(prefix=PREFIX)
        self._server = server
        self._client = Redis.from_url(server.url)

    def put_raw(self, raw: bytes) -> None:
        self._client.set(PREFIX + NAME, raw)

    def get_raw(self) -> bytes | None:
        value = self._client.get(PREFIX + NAME)
        assert value is None or isinstance(value, bytes)
        return value

    def unreachable(self) -> ConfigBackend:
        self._server.kill()
        return self.backend


class FileBench(Bench):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backend = FileBackend(directory=folder / "config")

    def put_raw(self, raw: bytes) -> None:
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / f"{NAME}.json").write_bytes(raw)

    def get_raw(self) -> bytes | None:
        path = self.folder / "config" / f"{NAME}.json"
        return path.read_bytes() if path.exists() else None

    def unreachable(self) -> ConfigBackend:
        (self.folder / "no-folder").write_text("a file in its place")
        return FileBackend(directory=self.folder / "no-folder")


class PhpBench(Bench):
    def __init__(self, server: PhpApi) -> None:
        self.backend = PhpBackend(base_url=server.base_url, token=TOKEN)
        self._server = server

    def put_raw(self, raw: bytes) -> None:
        self._server.put(NAME, raw)

    def get_raw(self) -> bytes | None:
        path = self._server.data / f"{NAME}.json"
        return path.read_bytes() if path.exists() else None

    def unreachable(self) -> ConfigBackend:
        self._server.kill()
        return self.backend
