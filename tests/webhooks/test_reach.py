"""Whether an endpoint can be reached, without sending anything to it."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.servers.endpoint import Endpoint
from tests.servers.ports import HOST, free_port
from tests.webhooks.conftest import MakePeer
from tests.webhooks.examples import endpoint as to
from webhooks.egress import EgressRefused
from webhooks.reach import Unreachable, reach

pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def receiver(endpoint: Endpoint) -> Iterator[Endpoint]:
    """It has noticed the end of each connection before it is closed itself."""
    yield endpoint
    for _ in range(3):
        requests.post(endpoint.url, json={}, timeout=10)


def test_an_address_in_clear_is_reached_and_nothing_is_sent(receiver: Endpoint) -> None:
    found = reach(to(receiver.url), 5)
    assert (found.address, found.certificate_ends) == (HOST, None)
    assert receiver.requests == []


def test_the_end_of_a_certificate_is_told(
    receiver: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(receiver.ca_file))
    found = reach(to(receiver.tls_url), 5)
    assert found.certificate_ends is not None
    assert found.certificate_ends > datetime.now(UTC)


def test_a_certificate_that_is_not_trusted_is_told(receiver: Endpoint) -> None:
    with pytest.raises(Unreachable, match="its certificate is not trusted"):
        reach(to(receiver.tls_url), 5)


def test_one_that_is_not_to_be_checked_is_not(receiver: Endpoint) -> None:
    unchecked = dataclasses.replace(to(receiver.tls_url), verify_tls=False)
    assert reach(unchecked, 5).certificate_ends is None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (socket.gaierror("no such name"), "the host name is unknown"),
        (UnicodeError("no name"), "the host name is unknown"),
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
    ],
)
def test_a_name_that_leads_nowhere_is_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Unreachable) as caught:
        reach(to("https://hook.example/s3cret"), 5)
    assert str(caught.value) == sentence


def test_the_next_address_is_tried(receiver: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = free_port()

    def getaddrinfo(_: str, port: int, **__: object) -> list[tuple[Any, ...]]:
        places = [(HOST, closed), (HOST, port)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert reach(to(f"http://hook.example:{receiver.port}/"), 5).address == HOST


def test_what_does_not_speak_tls_is_told(make_peer: MakePeer) -> None:
    peer = make_peer(b"HTTP/1.1 400 Bad Request\r\n\r\n", early=True, hold=True)
    with pytest.raises(Unreachable, match="it does not speak TLS"):
        reach(to(f"https://{HOST}:{peer.port}/"), 5)


def test_a_forbidden_address_is_refused() -> None:
    with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
        reach(to("https://10.0.0.1/"), 5)
