"""Who is at work, as others may ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from redis import Redis

from polling.holders import holders
from polling.lock import RedisLock
from polling.lock_value import holder_value, place_of, process_of
from polling.roster import SIGNED_IN_SECONDS, Roster
from runtime.redis import _client

ELSEWHERE = "pid=7 host=worker-2 place=elsewhere started=1"


@pytest.fixture
def client(redis_url: str, settings: LazySettings) -> Iterator[Redis]:
    settings.REDIS_URL = redis_url
    with Redis.from_url(redis_url) as client:
        yield client
    _client.cache_clear()


def test_who_asks_does_not_sign_in(client: Redis) -> None:
    Roster(client, ELSEWHERE).sign_in(["default"])
    first, second = (Roster(client).signed_in() for _ in range(2))
    assert first.keys() == second.keys() == {ELSEWHERE}
    assert 0 <= first[ELSEWHERE] < SIGNED_IN_SECONDS


def test_who_was_not_heard_of_for_long_is_not_at_work(client: Redis) -> None:
    seconds, _ = client.time()
    long_ago = (seconds - SIGNED_IN_SECONDS - 1) * 1000
    client.zadd("render_signal:poller_lock_pollers", {ELSEWHERE: long_ago})
    assert Roster(client).signed_in() == {}


def test_each_container_is_a_place_of_its_own() -> None:
    here = place_of(process_of(holder_value()))
    assert here
    assert {here, place_of(ELSEWHERE), place_of("pid=7 host=mac")} == {here, "elsewhere", "mac"}


def test_a_holder_is_known_by_its_process_and_its_death(client: Redis) -> None:
    lock = RedisLock(client, "default", 30)
    assert lock.acquire()
    gone = lock.value.replace(f"started={lock.value.split('started=')[1].split()[0]}", "started=0")
    client.set("render_signal:poller_lock:sales", gone)
    found = holders(["default", "sales", "free"])
    assert found["default"].process == process_of(lock.value)
    assert [found[name].dead for name in ("default", "sales", "free")] == [False, True, False]
    assert found["free"].process == ""
