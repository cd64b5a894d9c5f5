from __future__ import annotations

import logging
from pathlib import Path

import pytest
from redis import Redis

from polling.fleet import Elsewhere
from polling.lease import Lease
from polling.lock import FileLock, RedisLock
from polling.term import HeldBy
from tests.polling.fake_lock import TTL, FakeRedisLock, World

KEY = "render_signal:poller_lock"


def test_one_of_two_holds_it_for_ever(world: World) -> None:
    for _ in range(100):
        world.run(TTL / 10)
        assert world.a.valid() is not world.b.valid()
    assert world.changes == 1


def test_the_contract_s_line_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        world.a.tick()
    assert any(
        line.startswith("BG_POLLER: Singleton lock acquired (Redis) pid=")
        for line in caplog.messages
    )


def test_the_other_takes_over_within_two_seconds_of_a_release(world: World) -> None:
    world.run(10)
    holder, other = (world.a, world.b) if world.a.valid() else (world.b, world.a)
    holder.release()
    world.run(2, other)
    assert other.valid()


def test_a_process_that_slept_past_its_time_does_not_trust_its_lock(world: World) -> None:
    world.run(1, world.a)
    world.now += TTL * 2 / 3
    assert not world.a.valid()


def test_who_has_the_lock_again_after_it_slept_is_in_another_term(world: World) -> None:
    world.run(1, world.a)
    former = world.a.term()
    world.now += TTL
    FakeRedisLock.holder_value = ""
    assert world.a.term() is None
    world.a.tick()
    assert world.a.valid()
    assert world.a.term() is not former


def test_two_thirds_without_redis_end_the_term(world: World) -> None:
    world.run(1, world.a)
    FakeRedisLock.down = True
    world.run(TTL * 2 / 3 - 60, world.a)
    assert world.a.valid()
    world.run(62, world.a)
    assert world.a.held_by is HeldBy.FILE


def test_a_short_outage_of_redis_changes_nothing(world: World) -> None:
    world.run(10)
    FakeRedisLock.down = True
    world.run(100)
    FakeRedisLock.down = False
    world.run(100)
    assert HeldBy.REDIS in (world.a.held_by, world.b.held_by)
    assert world.changes == 1


def test_a_lock_that_was_taken_although_the_answer_was_lost_is_ours_a_moment_later(
    world: World,
) -> None:
    FakeRedisLock.loses_answers = True
    world.run(1, world.a)
    FakeRedisLock.loses_answers = False
    world.run(6, world.a)
    assert world.a.held_by is HeldBy.REDIS


@pytest.mark.parametrize("value", ["", "pid=1 operator"])
def test_a_lock_that_was_taken_away_ends_the_term_as_soon_as_it_is_seen(
    world: World, value: str
) -> None:
    world.run(1, world.a)
    term = world.a.term()
    FakeRedisLock.holder_value = value
    world.a.saw(value, world.now)
    assert world.a.term() is None
    world.run(3, world.a)
    assert world.a.term() is not term
    assert value == "" or FakeRedisLock.holder_value == value


def test_what_was_seen_before_the_lock_was_taken_ends_nothing(world: World) -> None:
    at = world.now
    world.run(1, world.a)
    term = world.a.term()
    world.a.saw("", at)
    assert world.a.term() is term


def test_a_lock_for_somebody_else_is_not_tried(world: World, tmp_path: Path) -> None:
    other: list[Elsewhere] = [Elsewhere(False, "another poller is to take it")]
    lease = world.lease("c", tmp_path / "c.lock", elsewhere=lambda: next(iter(other), None))
    world.run(5, lease)
    assert FakeRedisLock.holder_value == ""
    other.clear()
    world.run(1, lease)
    assert lease.held_by is HeldBy.REDIS
    lease.release()


def test_who_could_not_renew_takes_what_it_left_behind(world: World) -> None:
    """A Redis that takes no writes for a while, and forgets nothing."""
    world.run(1, world.a)
    left = FakeRedisLock.holder_value
    FakeRedisLock.down = True
    world.run(TTL * 2 / 3 + 1, world.a)
    FakeRedisLock.down = False
    world.run(6, world.a)
    assert world.a.held_by is HeldBy.REDIS
    assert FakeRedisLock.holder_value not in ("", left)


def test_with_a_real_redis_that_restarts_empty_the_lock_is_taken_again(redis_url: str) -> None:
    client = Redis.from_url(redis_url)
    lease = Lease(
        "default",
        lambda: RedisLock(client, "default", 0.6),
        FileLock(Path("/nonexistent/lock"), "default"),
        0.6,
    )
    lease.tick()
    client.flushall()
    lease._next = 0.0
    lease.tick()
    assert lease.held_by is HeldBy.NOTHING
    lease.tick()
    assert client.get(KEY)
    lease.release()
    client.close()


def test_a_lease_is_looked_after_when_something_is_due(world: World) -> None:
    assert world.a.due_in() == 0.5
    world.a.tick()
    waits = []
    for _ in range(60):
        waits.append(world.a.due_in())
        world.now += waits[-1]
        world.a.tick()
        assert world.a.valid()
    assert max(waits) == 2


def test_a_lock_that_is_seen_elsewhere_is_rarely_looked_after(world: World, tmp_path: Path) -> None:
    """And well before whoever holds it may have ceased to: a Redis that goes away then is no reason
    to begin."""
    other: list[Elsewhere] = [Elsewhere(True, "it is held by pid=1")]
    lease = world.lease("c", tmp_path / "c.lock", elsewhere=lambda: next(iter(other), None))
    lease.tick()
    assert lease.due_in() == min(5.0, TTL / 6)
    other[0] = Elsewhere(False, "another poller is to take it")
    lease.tick()
    assert lease.due_in() == 0.5
    other.clear()
    lease.tick()
    assert lease.held_by is HeldBy.REDIS
    lease.release()


def test_the_end_of_a_term_that_cannot_be_renewed_is_told_when_it_comes(world: World) -> None:
    world.a.tick()
    began, changes = world.now, world.changes
    FakeRedisLock.down = True
    while world.changes == changes:
        world.now += world.a.due_in()
        world.a.tick()
    assert began + TTL * 2 / 3 <= world.now <= began + TTL * 2 / 3 + 0.2


def test_a_try_whose_answer_was_lost_is_released_as_well(world: World) -> None:
    FakeRedisLock.loses_answers = True
    world.run(1, world.a)
    assert FakeRedisLock.holder_value
    FakeRedisLock.loses_answers = False
    world.a.release()
    assert FakeRedisLock.holder_value == ""
