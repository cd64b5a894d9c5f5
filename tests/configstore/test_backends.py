"""One suite for all stores that hold documents: what any of them must do."""

from __future__ import annotations

import json
import stat
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

import pytest
from django.test import override_settings
from redis import Redis

from configstore.backends.base import (
    ConfigBackend,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
)
from configstore.backends.file import FileBackend
from configstore.backends.redis import RedisBackend
from tests.servers.ports import HOST, free_port
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
    def get_raw(self) -> bytes: ...

    @abstractmethod
    def unreachable(self) -> ConfigBackend: ...


class RedisBench(Bench):
    def __init__(self, server: RedisServer) -> None:
        self.backend = RedisBackend(prefix=PREFIX)
        self._server = server
        self._client = Redis.from_url(server.url)

    def put_raw(self, raw: bytes) -> None:
        self._client.set(PREFIX + NAME, raw)

    def get_raw(self) -> bytes:
        value = self._client.get(PREFIX + NAME)
        assert isinstance(value, bytes)
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

    def get_raw(self) -> bytes:
        return (self.folder / "config" / f"{NAME}.json").read_bytes()

    def unreachable(self) -> ConfigBackend:
        (self.folder / "no-folder").write_text("a file in its place")
        return FileBackend(directory=self.folder / "no-folder")


@pytest.fixture(params=["Redis", "file"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param == "file":
        return FileBench(tmp_path)
    url = request.getfixturevalue("redis_url")
    request.getfixturevalue("settings").REDIS_URL = url
    return RedisBench(request.getfixturevalue("redis_server"))


def test_an_absent_document_is_none(bench: Bench) -> None:
    assert bench.backend.read(NAME) is None


def test_what_is_written_is_read(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    assert bench.backend.read(NAME) == RICH


def test_writing_replaces_the_whole_document(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    bench.backend.write(NAME, {"a": 1})
    assert bench.backend.read(NAME) == {"a": 1}


def test_documents_do_not_touch_each_other(bench: Bench) -> None:
    bench.backend.write(NAME, {"a": 1})
    bench.backend.write("webhook_config", {"b": 2})
    assert bench.backend.read(NAME) == {"a": 1}


def test_it_is_stored_as_json_that_people_can_read(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    assert json.loads(bench.get_raw()) == RICH
    assert "Zoë 🚚" in bench.get_raw().decode()


def test_what_somebody_else_wrote_is_read(bench: Bench) -> None:
    bench.put_raw(b'{"active_days": [0, 1], "name": "\\u00e9t\\u00e9"}')
    assert bench.backend.read(NAME) == {"active_days": [0, 1], "name": "été"}


def test_a_byte_order_mark_is_no_fault(bench: Bench) -> None:
    bench.put_raw(b'\xef\xbb\xbf{"a": 1}')
    assert bench.backend.read(NAME) == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b"", "line 1, column 1"),
        (b'{"a": 1', "line 1, column 8"),
        (b'{"a": "\xff\xfe"}', "UTF-8"),
        (b"[1, 2]", "holds a list, not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"text"', "holds a str, not a JSON object"),
    ],
)
def test_a_corrupt_document_says_where_it_is_and_what_is_wrong(
    bench: Bench, raw: bytes, fault: str
) -> None:
    bench.put_raw(raw)
    with pytest.raises(DocumentCorrupt) as refused:
        bench.backend.read(NAME)
    assert NAME in str(refused.value)
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
    ],
    ids=["too deep", "endless number", "no number", "infinite", "half a character", "in a name"],
)
def test_what_json_cannot_hold_is_corrupt(bench: Bench, raw: bytes) -> None:
    bench.put_raw(raw)
    with pytest.raises(DocumentCorrupt, match=NAME):
        bench.backend.read(NAME)


def test_a_corrupt_document_is_not_repeated(bench: Bench) -> None:
    bench.put_raw(b'{"webhook_url": "https://s3cret.example')
    with pytest.raises(DocumentCorrupt) as refused:
        bench.backend.read(NAME)
    assert "s3cret" not in str(refused.value)


def test_reading_from_a_store_that_is_away_says_so(bench: Bench) -> None:
    away = bench.unreachable()
    with pytest.raises(StoreUnavailable):
        away.read(NAME)


def test_writing_to_a_store_that_is_away_says_so(bench: Bench) -> None:
    away = bench.unreachable()
    with pytest.raises(StoreUnavailable):
        away.write(NAME, {})


def test_redis_uses_the_key_of_the_contract(redis_url: str) -> None:
    with override_settings(REDIS_URL=redis_url):
        RedisBackend(prefix=PREFIX).write(NAME, {"a": 1})
    with Redis.from_url(redis_url) as client:
        assert client.get("r:ss:config:polling_config") == b'{"a": 1}'


def test_a_frozen_redis_is_away_within_seconds(redis_server: RedisServer, redis_url: str) -> None:
    with override_settings(REDIS_URL=redis_url):
        redis_server.freeze()
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable):
            RedisBackend(prefix=PREFIX).read(NAME)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("url", ["", "redis://{host}:{port}/0"], ids=["no URL", "no Redis"])
def test_redis_that_is_not_there_is_away_at_once(url: str) -> None:
    url = url.format(host=HOST, port=free_port())
    begun = time.monotonic()
    with override_settings(REDIS_URL=url), pytest.raises(StoreUnavailable):
        RedisBackend(prefix=PREFIX).read(NAME)
    assert time.monotonic() - begun < 1


def test_an_error_of_redis_does_not_tell_its_password() -> None:
    url = f"redis://user:s3cret@{HOST}:{free_port()}/0"
    with override_settings(REDIS_URL=url), pytest.raises(StoreUnavailable) as refused:
        RedisBackend(prefix=PREFIX).read(NAME)
    assert "s3cret" not in str(refused.value)


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    FileBackend(directory=tmp_path / "config").write(NAME, RICH)
    assert stat.S_IMODE((tmp_path / "config").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "config" / f"{NAME}.json").stat().st_mode) == 0o600


def test_a_reader_finds_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    backend = FileBackend(directory=tmp_path)
    versions: list[JSONObject] = [{"text": letter * 100_000} for letter in "ab"]
    backend.write(NAME, versions[0])

    def write() -> None:
        for number in range(50):
            backend.write(NAME, versions[number % 2])

    writing = threading.Thread(target=write)
    writing.start()
    while writing.is_alive():
        assert backend.read(NAME) in versions


@pytest.mark.parametrize("value", [{1, 2}, "half a character: \ud800"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, value: object) -> None:
    backend = FileBackend(directory=tmp_path)
    backend.write(NAME, {"a": 1})
    with pytest.raises((TypeError, ValueError)):
        backend.write(NAME, {"a": value})
    assert backend.read(NAME) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == [f"{NAME}.json"]
