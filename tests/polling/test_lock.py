from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from redis import Redis, RedisError

from polling.lock import FileLock, RedisLock, last_key, redis_key
from polling.lock_value import is_dead, public_fields
from tests.relay.waiting import eventually
from tests.servers.redis import RedisServer

KEY = "render_signal:poller_lock"


@pytest.fixture
def client(redis_url: str) -> Redis:
    return Redis.from_url(redis_url, socket_timeout=0.5)


def lock(client: Redis, ttl: float = 30) -> RedisLock:
    return RedisLock(client, "default", ttl)


def value_of_a_dead_process() -> str:
    """What a process of this very place left behind."""
    code = "from polling.lock_value import holder_value; print(holder_value())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_further_mailboxes_have_keys_of_their_own() -> None:
    assert redis_key("default") == "render_signal:poller_lock"
    assert redis_key("ventes") == "render_signal:poller_lock:ventes"


def test_the_key_can_be_another_one(settings: LazySettings) -> None:
    settings.REDIS_LOCK_KEY = "demo"
    assert redis_key("default") == "demo"
    assert redis_key("ventes") == "demo:ventes"


def test_the_key_says_who_holds_it_and_lapses_by_itself(client: Redis) -> None:
    assert lock(client).acquire()
    value = client.get(KEY)
    assert isinstance(value, bytes)
    assert value.startswith(f"pid={os.getpid()} host=".encode())
    assert 29_000 < client.pttl(KEY) <= 30_000


def test_only_one_acquires_it(client: Redis) -> None:
    first, second = lock(client), lock(client)
    assert first.acquire()
    assert not second.acquire()


def test_renewing_resets_the_time_to_live(client: Redis) -> None:
    mine = lock(client)
    mine.acquire()
    client.pexpire(KEY, 1000)
    assert mine.renew()
    assert client.pttl(KEY) > 29_000


@pytest.mark.parametrize("change", ["delete", "overwrite", "make a hash"])
def test_a_lock_that_an_operator_took_away_is_not_renewed_and_not_deleted(
    client: Redis, change: str
) -> None:
    mine = lock(client)
    mine.acquire()
    client.delete(KEY)
    if change == "overwrite":
        client.set(KEY, "pid=1 operator")
    elif change == "make a hash":
        client.hset(KEY, "pid", "1")
    before = client.dump(KEY)
    assert not mine.renew()
    mine.release()
    assert client.dump(KEY) == before


def test_a_key_that_is_no_string_is_held_by_whoever_made_it(client: Redis) -> None:
    """Redis answers: nobody may take to a file, for there would be two."""
    client.rpush(KEY, "pid=1")
    assert not lock(client).acquire()
    assert lock(client).holder() == "a non-string"


def test_who_had_it_last_is_not_known_from_a_key_that_is_no_string(client: Redis) -> None:
    client.rpush(last_key("default"), "pid=1")
    mine = lock(client)
    assert mine.acquire()
    assert mine.follows == ""
    assert client.get(last_key("default")) == mine.value.encode()


def test_releasing_lets_the_next_one_in_at_once(client: Redis) -> None:
    first, second = lock(client), lock(client)
    first.acquire()
    first.release()
    assert second.acquire()


def test_a_try_whose_answer_was_lost_is_known_by_its_value(client: Redis) -> None:
    mine = lock(client)
    assert mine.acquire()
    client.pexpire(KEY, 1000)
    assert mine.acquire()
    assert client.pttl(KEY) > 29_000


def test_what_it_left_behind_itself_is_taken_over(client: Redis) -> None:
    """It could not be renewed in time: the term is over, and the key is still there."""
    former, other, mine = lock(client), lock(client), lock(client)
    assert former.acquire()
    assert not mine.acquire(other.value)
    assert mine.acquire(former.value)


def test_it_says_who_had_it_before(client: Redis) -> None:
    first, second, third = (lock(client) for _ in range(3))
    for mine in (first, second, third):
        assert mine.acquire()
        mine.release()
    assert (first.follows, second.follows, third.follows) == ("", first.value, second.value)
    assert client.get(last_key("default")) == third.value.encode()


def test_who_had_it_is_known_no_longer_than_a_time_to_live(client: Redis) -> None:
    """Redis may have been away since, and somebody at work with a file of their own."""
    former, mine = lock(client), lock(client)
    assert former.acquire()
    client.pexpire(last_key("default"), 1000)
    assert former.renew()
    assert 29_000 < client.pttl(last_key("default")) <= 30_000
    former.release()
    client.pexpire(last_key("default"), 0)
    assert mine.acquire()
    assert mine.follows == ""


def test_a_lock_left_by_a_process_that_died_here_is_taken_over(client: Redis) -> None:
    client.set(KEY, value_of_a_dead_process(), px=30_000)
    assert lock(client).acquire()


@pytest.mark.parametrize(
    "value",
    [
        "pid=12345",
        "pid=1 host=elsewhere place=another-boot/1 started=1 token=x",
        "pid=7 host=a place= started= token=x",
        "nonsense",
    ],
)
def test_a_holder_that_may_be_alive_is_left_alone(client: Redis, value: str) -> None:
    client.set(KEY, value)
    assert not lock(client).acquire()
    assert client.get(KEY) == value.encode()


def test_two_processes_of_the_same_number_are_told_apart() -> None:
    assert is_dead(value_of_a_dead_process())
    assert not is_dead(f"pid={os.getpid()} place=x started=y")


def test_a_process_is_alive_as_long_as_any_of_its_threads() -> None:
    """A killed one keeps its connections until the last thread is gone."""
    code = """
import ctypes, threading, time
from polling.lock_value import holder_value
threading.Thread(target=time.sleep, args=(60,)).start()
print(holder_value(), flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        value = process.stdout.readline().strip()
        stat = Path(f"/proc/{process.pid}/stat")
        eventually(lambda: ") Z " in stat.read_text())
        assert not is_dead(value)
        process.kill()
        eventually(lambda: is_dead(value))


def test_what_is_shown_does_not_include_the_token() -> None:
    assert public_fields("pid=7 host=a since=b place=c token=d") == {
        "pid": "7",
        "host": "a",
        "since": "b",
    }


def test_a_frozen_redis_is_an_error_in_bounded_time(
    client: Redis, redis_server: RedisServer
) -> None:
    redis_server.freeze()
    with pytest.raises(RedisError):
        lock(client).acquire()


def test_the_file_lock_is_held_by_one_and_free_after_release(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / "poller.lock", "default") for _ in range(2))
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_the_file_lock_goes_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, os; from polling.lock import FileLock;"
        "FileLock(pathlib.Path(sys.argv[1]), 'default').acquire(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "poller.lock")], check=False)
    lock = FileLock(tmp_path / "poller.lock", "default")
    assert lock.holder() == {}
    assert lock.acquire()
    assert lock.holder()["pid"] == str(os.getpid())
    lock.release()
