"""Pollers that share mailboxes out, on a real Redis, look by look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from polling import sharing as module
from polling.lock import RedisLock, redis_key
from polling.lock_value import process_of
from polling.roster import Roster
from polling.sharing import CALM_SECONDS, LOOK_SECONDS, Sharing
from tests.polling.containers import NAMES, Clock, Container, look
from tests.servers.redis import RedisServer


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, socket_timeout=0.5) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "boot_time", clock)
    return clock


def test_a_poller_that_is_alone_takes_everything(client: Redis, clock: Clock) -> None:
    a = Container(client, "a")
    look(a)
    assert a.may_take() == list(NAMES)


def test_two_that_start_together_take_half_each(client: Redis, clock: Clock) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    look(a, b)
    assert len(a.may_take()) == len(b.may_take()) == 2
    assert sorted(a.may_take() + b.may_take()) == list(NAMES)


def test_who_has_more_gives_the_youngest_away_when_a_new_one_has_stayed(
    client: Redis, clock: Clock
) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    for name, since in zip(NAMES, "2431", strict=True):
        a.hold(name, since)
    look(a)
    clock.now += 60
    assert a.sharing.surplus([]) == []
    look(a, b)
    assert a.sharing.surplus([]) == []
    clock.now += 2
    assert a.sharing.surplus([]) == ["m3", "m2"]
    assert a.sharing.surplus(["m3", "m2"]) == []
    assert b.sharing.surplus([]) == []


def test_nothing_is_given_to_one_that_may_be_frozen(client: Redis, clock: Clock) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    for name in NAMES:
        a.hold(name)
    look(a, b)
    clock.now += 3
    assert len(a.sharing.surplus([])) == 2
    seconds, microseconds = client.time()
    long_ago = seconds * 1000 + microseconds / 1000 - 5000
    client.zadd("render_signal:poller_lock_pollers", {b.me: long_ago})
    look(a)
    assert a.sharing.surplus([]) == []
    look(a, b)
    assert len(a.sharing.surplus([])) == 2


def test_a_dead_process_of_this_machine_has_no_share_and_holds_nothing(
    client: Redis, clock: Clock
) -> None:
    here = RedisLock(client, "m1", 30).value
    dead = here.replace(f"started={here.partition('started=')[2].split()[0]}", "started=1")
    Roster(client, process_of(dead)).sign_in(NAMES)
    client.set(redis_key("m1"), dead)
    a = Container(client, "a")
    look(a)
    assert a.may_take() == list(NAMES)


def test_who_signs_out_leaves_what_it_holds_to_the_others(client: Redis, clock: Clock) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    for name in NAMES[:2]:
        a.hold(name)
    look(a, b)
    a.sharing.leave()
    client.delete(*map(redis_key, NAMES))
    b.sharing.look(NAMES)
    assert b.may_take() == list(NAMES)


def test_what_is_held_elsewhere_is_said(client: Redis, clock: Clock) -> None:
    a = Container(client, "a")
    client.set(redis_key("m1"), "pid=9 operator token=secret")
    look(a)
    other = a.sharing.elsewhere("m1")
    assert other is not None
    assert other.held
    assert other.sentence == "it is held by pid=9 operator"


def test_without_an_answer_everything_may_be_tried(
    client: Redis, redis_server: RedisServer, clock: Clock
) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    look(a, b)
    redis_server.stop()
    assert a.sharing.look(NAMES) is None
    assert a.may_take() == list(NAMES)
    assert a.sharing.surplus([]) == []
    a.sharing.leave()


def test_an_old_look_tells_nothing(client: Redis, clock: Clock) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    look(a, b)
    assert len(a.may_take()) == 2
    clock.now += 6
    assert a.may_take() == list(NAMES)


def test_who_has_everything_looks_less_often(client: Redis, clock: Clock) -> None:
    a = Container(client, "a")
    look(a)
    assert a.sharing.pause() == LOOK_SECONDS
    for name in NAMES:
        a.hold(name)
    look(a)
    assert a.sharing.pause() == CALM_SECONDS


def test_without_redis_there_is_nothing_to_share() -> None:
    sharing = Sharing(None)
    assert sharing.look(NAMES) is None
    assert sharing.elsewhere("m1") is None
    assert sharing.surplus([]) == []
    sharing.leave()
