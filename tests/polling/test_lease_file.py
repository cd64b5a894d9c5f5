"""When a lease falls back on the file of its machine, and when it leaves it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from polling.fleet import Elsewhere
from polling.lease import Lease
from polling.lock import FileLock, RedisLock
from polling.term import HeldBy
from tests.polling.fake_lock import TTL, FakeRedisLock, World

FILE_WARNING = "BG_POLLER: Using file-based lock (unsafe for multi-container deployments)"


def test_who_waits_does_not_use_the_file_while_the_holder_may_be_at_work(world: World) -> None:
    world.run(20)
    FakeRedisLock.down = True
    world.run(TTL * 2 / 3 - 20)
    assert not (world.a.valid() and world.b.valid())


def test_who_is_told_that_it_is_held_does_not_use_the_file_either(
    world: World, tmp_path: Path
) -> None:
    other: list[Elsewhere] = [Elsewhere(True, "it is held by pid=1")]
    lease = world.lease("c", tmp_path / "c.lock", elsewhere=lambda: next(iter(other), None))
    world.run(5, lease)
    FakeRedisLock.down = True
    other.clear()
    world.run(TTL - 10, lease)
    assert not lease.valid()
    world.run(20, lease)
    assert lease.held_by is HeldBy.FILE
    lease.release()


def test_without_redis_url_the_file_is_used_and_said_to_be_unsafe(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lease = world.lease("c", tmp_path / "c.lock", redis=False)
    lease.tick()
    assert lease.held_by is HeldBy.FILE
    assert FILE_WARNING in caplog.messages
    lease.release()


def test_redis_unreachable_at_the_start_means_the_file(world: World) -> None:
    FakeRedisLock.down = True
    world.run(1, world.a)
    assert world.a.held_by is HeldBy.FILE


def test_a_redis_whose_host_is_no_name_means_the_file_as_well(tmp_path: Path) -> None:
    client = Redis(host="redis..example")
    lease = Lease(
        "default", lambda: RedisLock(client, "default", 30), FileLock(tmp_path / "l", "default"), 30
    )
    lease.tick()
    assert lease.held_by is HeldBy.FILE
    lease.release()
    client.close()


def test_redis_back_its_lock_replaces_the_file(world: World) -> None:
    FakeRedisLock.down = True
    world.run(1, world.a)
    FakeRedisLock.down = False
    world.run(6, world.a)
    assert world.a.held_by is HeldBy.REDIS


def test_redis_back_and_held_by_another_means_to_yield(world: World) -> None:
    FakeRedisLock.down = True
    world.run(1, world.a)
    FakeRedisLock.down, FakeRedisLock.holder_value = False, "pid=9 host=other"
    world.run(6, world.a)
    assert not world.a.valid()


def test_after_the_process_on_this_machine_the_file_is_free(world: World, tmp_path: Path) -> None:
    first = world.lease("c", tmp_path / "c.lock", redis=False)
    second = world.lease("d", tmp_path / "c.lock", redis=False)
    first.tick()
    second.tick()
    assert (first.valid(), second.valid()) == (True, False)
    first.release()
    world.run(6, second)
    assert second.valid()
    second.release()
