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
from tests.servers.redis import RedisServer

NAMES = ("m1", "m2", "m3", "m4")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, socket_timeout=0.5) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "boot_time", clock)
    return clock


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


def test_what_was_given_away_is_not_taken_back(client: Redis, clock: Clock) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    for name in NAMES[:2]:
        a.hold(name)
    look(a, b)
    assert a.may_take() == list(NAMES[:2])  # its own, should an answer have been lost
    assert b.may_take() == list(NAMES[2:])


def test_what_nobody_takes_is_taken_by_anybody_and_kept(client: Redis, clock: Clock) -> None:
    """A poller that has signed in and does not take what it is to take."""
    a, b = Container(client, "a"), Container(client, "b")
    for name in NAMES[:2]:
        a.hold(name)
    look(a, b)
    clock.now += 4
    look(a)
    assert a.may_take() == list(NAMES)
    for name in NAMES:
        a.hold(name)
    look(a)
    clock.now += 5
    look(a)
    assert a.sharing.surplus([]) == []


def test_who_was_only_slow_has_its_share_soon_and_who_never_takes_any_rarely(
    client: Redis, clock: Clock
) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    for name in NAMES:
        a.hold(name)
    look(a, b)
    clock.now += 3
    waited = []
    for _ in range(5):
        given = a.sharing.surplus([])
        assert len(given) == 2
        for name in given:
            client.delete(redis_key(name))
        look(a, b)
        clock.now += 4
        look(a, b)
        assert a.may_take() == list(NAMES)  # b has not taken any
        for name in given:
            a.hold(name)
        look(a, b)
        began = clock.now
        while not a.sharing.surplus([]):
            clock.now += 1
            look(a, b)
        waited.append(clock.now - began)
    assert waited == [8, 16, 32, 60, 60]
    clock.now += 61
    look(a, b)
    for name in a.sharing.surplus([]):
        client.delete(redis_key(name))
    look(a, b)
    clock.now += 4
    look(a, b)
    assert a.may_take() == list(NAMES)
    for name in NAMES:
        a.hold(name)
    clock.now += 8
    look(a, b)
    assert len(a.sharing.surplus([])) == 2


def test_a_process_that_could_not_look_knows_of_nothing_that_was_left(
    client: Redis, clock: Clock
) -> None:
    a, b = Container(client, "a"), Container(client, "b")
    look(a, b)
    mine = a.may_take()
    clock.now += 4
    assert a.may_take() == mine
    look(a, b)
    assert a.may_take() == list(NAMES)


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
