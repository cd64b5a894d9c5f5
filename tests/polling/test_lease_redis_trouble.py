"""A lock in a real Redis that refuses, one way or another, and comes back."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from redis import Redis, RedisError

from polling.lease import Lease
from polling.lock import FileLock, RedisLock, redis_key
from polling.roster import Roster
from polling.sharing import Sharing
from polling.term import HeldBy
from runtime.redis import redis_client
from tests.servers.ports import HOST
from tests.servers.redis import RedisServer

TTL = 1.5
Trouble = Callable[[Redis], None]
FILE_WARNING = "BG_POLLER: Using file-based lock (unsafe for multi-container deployments)"


def read_only(client: Redis) -> None:
    """What a replica says that was a master before: READONLY."""
    client.replicaof(HOST, 1)


def no_auth(client: Redis) -> None:
    """NOAUTH, from the next connection on."""
    client.config_set("requirepass", "changed")
    client.client_kill_filter(_type="normal", skipme=False)


def out_of_memory(client: Redis) -> None:
    """OOM, to whatever would need some."""
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")


def heal(server: RedisServer) -> None:
    for password in ("changed", None):
        client = Redis.from_url(server.url, password=password)
        with contextlib.closing(client), contextlib.suppress(RedisError):  # the other password
            client.replicaof("NO", "ONE")
            client.config_set("maxmemory", "0")
            client.config_set("requirepass", "")


@pytest.fixture
def client(redis_url: str, redis_server: RedisServer) -> Iterator[Redis]:
    yield Redis.from_url(redis_url)
    heal(redis_server)


@pytest.fixture
def lease(redis_url: str, tmp_path: Path, settings: LazySettings) -> Iterator[Lease]:
    settings.REDIS_URL = redis_url
    lease = make_lease(tmp_path / "lock")
    yield lease
    lease.release()


def make_lease(path: Path) -> Lease:
    client = redis_client(0.5)
    assert client is not None
    return Lease(
        "default", lambda: RedisLock(client, "default", TTL), FileLock(path, "default"), TTL
    )


def tick(lease: Lease, until: Callable[[], bool], seconds: float = 12.0) -> float:
    """Tick as the product does. How long the longest tick took."""
    longest, ends = 0.0, time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends
        begun = time.monotonic()
        lease.tick()
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.1)
    return longest


@pytest.mark.parametrize("trouble", [read_only, no_auth])
def test_a_redis_that_takes_no_renewal_means_the_file_until_it_does(
    lease: Lease,
    client: Redis,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    lease.tick()
    assert lease.held_by is HeldBy.REDIS
    trouble(client)
    assert tick(lease, lambda: lease.held_by is HeldBy.FILE) < 2
    assert FILE_WARNING in caplog.messages
    assert any("could not be renewed" in message for message in caplog.messages)
    heal(redis_server)
    assert tick(lease, lambda: lease.held_by is HeldBy.REDIS) < 2


def test_a_redis_without_memory_still_renews_what_it_has(lease: Lease, client: Redis) -> None:
    lease.tick()
    out_of_memory(client)
    ends = time.monotonic() + 2 * TTL
    tick(lease, lambda: time.monotonic() > ends)
    assert lease.held_by is HeldBy.REDIS
    assert client.pttl(redis_key("default")) > 0


@pytest.mark.parametrize("trouble", [read_only, no_auth, out_of_memory])
def test_a_redis_that_gives_no_lock_means_the_file_until_it_does(
    lease: Lease,
    client: Redis,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
) -> None:
    trouble(client)
    assert tick(lease, lambda: lease.held_by is HeldBy.FILE) < 2
    assert FILE_WARNING in caplog.messages
    heal(redis_server)
    tick(lease, lambda: lease.held_by is HeldBy.REDIS)


@pytest.mark.parametrize("trouble", [read_only, no_auth])
def test_who_cannot_sign_in_leaves_everything_to_the_locks(
    lease: Lease, client: Redis, trouble: Trouble
) -> None:
    trouble(client)
    asked = redis_client(0.5)
    assert asked is not None
    sharing = Sharing(Roster(asked))
    assert sharing.look(["default"]) is None
    assert sharing.elsewhere("default") is None
    sharing.leave()


class LoadingRedis(socketserver.ThreadingTCPServer):
    """A Redis that reads its file again after a crash."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Loading)
        self.asked = 0


class _Loading(socketserver.StreamRequestHandler):
    server: LoadingRedis

    def handle(self) -> None:
        while line := self.rfile.readline():
            self.server.asked += 1
            for _ in range(int(line[1:])):
                self.rfile.readline()
                self.rfile.readline()
            self.wfile.write(b"-LOADING Redis is loading the dataset in memory\r\n")


def test_a_redis_that_is_loading_is_asked_now_and_then(
    settings: LazySettings, tmp_path: Path
) -> None:
    server = LoadingRedis()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    settings.REDIS_URL = f"redis://{HOST}:{server.server_address[1]}"
    lease = make_lease(tmp_path / "lock")
    try:
        ends = time.monotonic() + 3
        tick(lease, lambda: time.monotonic() > ends)
        assert lease.held_by is HeldBy.FILE
        assert 1 <= server.asked < 20
    finally:
        lease.release()
        server.shutdown()
        server.server_close()
        thread.join()
