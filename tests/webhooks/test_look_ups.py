"""A resolver that hangs holds no thread beyond the deadline of its request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from runtime.deadline import Deadline
from runtime.look_up import THREADS, LookUpTooSlow, in_time
from tests.servers.endpoint import Endpoint
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client, Result


class SlowResolver:
    """Knows one address, and tells it when it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked = 0

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        self.asked += 1
        self.let_go.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def looking_up() -> int:
    return sum(thread.name == "look-up" for thread in threading.enumerate())


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowResolver]:
    resolver = SlowResolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    yield resolver
    resolver.let_go.set()
    ends = time.monotonic() + 5
    while looking_up():
        assert time.monotonic() < ends, "a look-up does not end"
        time.sleep(0.01)


def send(client: Client, seconds: float, port: int = 8443) -> Result:
    url = f"http://slow.example:{port}/s3cret"
    return client.send(to(url, deadline_seconds=seconds), "msg_1", "{}")


def test_a_look_up_ends_with_the_deadline(client: Client, resolver: SlowResolver) -> None:
    begun = time.monotonic()
    result = send(client, 0.4)
    assert time.monotonic() - begun < 0.7
    assert (result.delivered, result.permanent) == (False, False)
    assert result.error == "its name was not looked up within 0.4 s"


def test_a_look_up_is_cut_with_its_request(client: Client, resolver: SlowResolver) -> None:
    threading.Timer(0.2, client.cut).start()
    begun = time.monotonic()
    assert send(client, 20).cut
    assert time.monotonic() - begun < 1


def test_a_name_that_is_found_in_time_is_used(
    client: Client, resolver: SlowResolver, endpoint: Endpoint
) -> None:
    threading.Timer(0.2, resolver.let_go.set).start()
    assert send(client, 5, endpoint.port).delivered


def test_abandoned_look_ups_keep_their_places(client: Client, resolver: SlowResolver) -> None:
    threads = [threading.Thread(target=send, args=(client, 0.3)) for _ in range(THREADS + 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2)
    assert send(client, 0.2).error.startswith("its name was not looked up")
    assert (resolver.asked, looking_up()) == (THREADS, THREADS)


def test_places_are_free_again_when_the_look_ups_end(
    client: Client, resolver: SlowResolver, endpoint: Endpoint
) -> None:
    for _ in range(THREADS):
        send(client, 0.05)
    resolver.let_go.set()
    assert send(client, 5, endpoint.port).delivered


@pytest.mark.parametrize("error", [socket.gaierror("no such name"), UnicodeError("no name")])
def test_what_a_look_up_raises_is_raised(error: Exception) -> None:
    def fail() -> None:
        raise error

    with Deadline(5) as deadline, pytest.raises(type(error)):
        in_time(deadline, fail)


def test_a_deadline_that_is_over_waits_for_nothing(resolver: SlowResolver) -> None:
    with Deadline(0) as deadline, pytest.raises(LookUpTooSlow):
        in_time(deadline, lambda: resolver("slow.example", 443))
