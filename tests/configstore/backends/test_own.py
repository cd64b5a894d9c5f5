"""What is particular to Redis and to files."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import pytest
from django.test import override_settings
from redis import Redis

from configstore.backends.base import JSONObject, StoreUnavailable
from configstore.backends.file import FileBackend
from configstore.backends.redis import RedisBackend
from tests.configstore.backends.bench import NAME, PREFIX, RICH
from tests.servers.ports import HOST, free_port
from tests.servers.redis import RedisServer


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
