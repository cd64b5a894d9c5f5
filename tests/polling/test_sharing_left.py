"""What was given to a poller that does not take it: who has it then, and when it is tried again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from polling import sharing as module
from polling.lock import redis_key
from tests.polling.containers import NAMES, Clock, Container, look


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, socket_timeout=0.5) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "boot_time", clock)
    return clock


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
