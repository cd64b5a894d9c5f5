from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache import caches
from django.test import RequestFactory

from configstore.client_address import client_address
from configstore.throttle import (
    LIMIT,
    USER_LIMIT,
    WINDOW_SECONDS,
    Throttle,
    TooManyTries,
    UserThrottle,
)
from tests.configstore.links import NOW
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.usefixtures("no_tries")
tries = Throttle("test")
ADDRESS = "192.0.2.1"


def use_redis(settings: LazySettings, url: str) -> None:
    options = {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True}
    backend = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "OPTIONS": options}
    settings.CACHES = settings.CACHES | {"default": backend}


@pytest.fixture(params=["memory", "Redis"])
def cache(request: pytest.FixtureRequest, settings: LazySettings) -> None:
    if request.param == "Redis":
        use_redis(settings, request.getfixturevalue("redis_url"))


def fail(times: int, address: str = ADDRESS) -> None:
    for _ in range(times):
        tries.begin(address)


def refused(address: str = ADDRESS) -> TooManyTries:
    with pytest.raises(TooManyTries) as caught:
        tries.begin(address)
    return caught.value


@pytest.mark.usefixtures("cache")
def test_the_eleventh_failed_try_is_not_made() -> None:
    fail(LIMIT)
    assert WINDOW_SECONDS - 5 <= refused().seconds <= WINDOW_SECONDS


@pytest.mark.usefixtures("cache")
def test_what_is_forgiven_does_not_count() -> None:
    for _ in range(3 * LIMIT):
        tries.begin(ADDRESS).forgive()
    fail(LIMIT)
    refused()


@pytest.mark.usefixtures("cache")
def test_each_address_and_each_throttle_counts_for_itself() -> None:
    fail(LIMIT)
    tries.begin("192.0.2.2")
    Throttle("other").begin(ADDRESS)


@pytest.mark.usefixtures("cache")
def test_of_many_tries_at_once_no_more_than_the_limit_are_made() -> None:
    made: list[object] = []
    start = threading.Barrier(3 * LIMIT)

    def work() -> None:
        start.wait()
        try:
            made.append(tries.begin(ADDRESS))
        except TooManyTries:
            return

    workers = [threading.Thread(target=work) for _ in range(3 * LIMIT)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == LIMIT


def test_each_failure_counts_for_the_length_of_the_window() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        fail(1)
        clock.shift(timedelta(minutes=10))
        fail(LIMIT - 1)
        assert refused().seconds == 5 * 60
        clock.shift(timedelta(minutes=5, seconds=1))
        fail(1)
        assert refused().seconds == 10 * 60 - 1


def test_the_wait_is_told_in_minutes() -> None:
    assert str(TooManyTries(61)) == "Too many failed tries. Wait 2 minutes, then try again."
    assert str(TooManyTries(1)) == "Too many failed tries. Wait 1 minute, then try again."


def test_redis_that_is_away_neither_locks_out_nor_opens(settings: LazySettings) -> None:
    use_redis(settings, f"redis://127.0.0.1:{free_port()}/0")
    settings.DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = False
    fail(LIMIT)
    refused()


def test_redis_lost_in_the_middle(
    settings: LazySettings, redis_url: str, redis_server: RedisServer
) -> None:
    use_redis(settings, redis_url)
    attempt = tries.begin(ADDRESS)
    redis_server.stop()
    attempt.forgive()
    fail(LIMIT)
    refused()
    caches["default"].close()


def test_an_ipv6_network_counts_as_one() -> None:
    fail(LIMIT, "2001:db8::1")
    refused("2001:db8::ffff")
    tries.begin("2001:db8:0:1::1")


def test_an_ipv4_address_in_ipv6_form_is_the_same_address() -> None:
    fail(LIMIT, f"::ffff:{ADDRESS}")
    refused(ADDRESS)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "192.0.2.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.1,198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "192.0.2.9"),
        (1, "", "192.0.2.9"),
        (1, "unknown", "192.0.2.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_what_a_trusted_proxy_wrote_names_the_client(
    settings: LazySettings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", headers=headers)
    assert client_address(request) == address


def test_a_client_without_an_address_is_throttled_too() -> None:
    address = client_address(RequestFactory().get("/", REMOTE_ADDR=""))
    fail(LIMIT, address)
    refused(address)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        # What Render sends for a client that tries to be somebody else.
        ({"CF-Connecting-IP": "198.51.100.7",
          "X-Forwarded-For": "203.0.113.1,198.51.100.7, 172.71.95.118, 10.19.64.237"},
         "198.51.100.7"),
        ({"CF-Connecting-IP": "nonsense", "X-Forwarded-For": "203.0.113.1, 198.51.100.7"},
         "198.51.100.7"),
        ({"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}, "198.51.100.7"),
    ],
)  # fmt: skip
def test_a_header_that_the_proxy_always_sets_goes_first(
    settings: LazySettings, headers: dict[str, str], address: str
) -> None:
    settings.CLIENT_ADDRESS_HEADER, settings.TRUSTED_PROXY_COUNT = "CF-Connecting-IP", 1
    assert client_address(RequestFactory().get("/", headers=headers)) == address


def test_without_such_a_proxy_the_header_is_the_clients_own_word(settings: LazySettings) -> None:
    settings.CLIENT_ADDRESS_HEADER = ""
    headers = {"CF-Connecting-IP": "203.0.113.1"}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", headers=headers)
    assert client_address(request) == "192.0.2.9"


def test_a_user_name_counts_once_however_it_is_written() -> None:
    names = UserThrottle("names")
    for number in range(USER_LIMIT):
        names.begin(("ada", "ADA", " Ada", "\uff41da")[number % 4])
    with pytest.raises(TooManyTries):
        names.begin("aDa")
    names.begin("bob")
