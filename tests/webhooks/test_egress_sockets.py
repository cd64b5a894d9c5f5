"""Whatever a URL, a name server, an endpoint or the environment says: no socket is connected past
the guard."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import redirect
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client

LOOPBACK = [ip_network("127.0.0.0/8")]
PUBLIC = "93.184.216.34"
HOSTS = [
    "127.0.0.1", "127.0.0.1.", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0",
    "0x0", "[::1]", "[::]", "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]",
    "169.254.169.254", "user@127.0.0.1", "hook.example.com@127.0.0.1",
]  # fmt: skip
MIXED = [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"], ["::ffff:127.0.0.1"]]
PROXIES = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The addresses of all sockets that somebody connects."""
    found: list[object] = []

    def watching(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: object) -> Any:
            found.append(address)
            return original(self, address)

        return connect

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, watching(getattr(socket.socket, name)))
    return found


@pytest.fixture
def proxy(fake_worker: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """Named by every variable that could, and listening."""
    for name in PROXIES:
        monkeypatch.setenv(name, fake_worker.url)
    return fake_worker


def send(url: str, **fields: object) -> bool:
    return Client().send(to(url, **fields), "msg_1", "{}").delivered


def test_the_watch_sees_a_connection_that_is_allowed(
    endpoint: Endpoint, proxy: Endpoint, connects: list[object], settings: LazySettings
) -> None:
    settings.EGRESS_ALLOWED_CIDRS = LOOPBACK
    assert send(endpoint.url)
    assert connects == [("127.0.0.1", endpoint.port)]
    assert proxy.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTS)
def test_no_hostile_url_is_connected_to(
    endpoint: Endpoint, proxy: Endpoint, connects: list[object], host: str, scheme: str
) -> None:
    port = endpoint.tls_port if scheme == "https" else endpoint.port
    assert not send(f"{scheme}://{host}:{port}/x")
    assert (connects, endpoint.connections, proxy.connections) == ([], 0, 0)


@pytest.mark.parametrize("addresses", MIXED, ids=" ".join)
def test_a_name_with_one_hostile_address_is_connected_to_at_none(
    endpoint: Endpoint,
    proxy: Endpoint,
    connects: list[object],
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[str],
) -> None:
    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (family[":" in address], socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert not send(f"https://hook.example.com:{endpoint.tls_port}/x")
    assert (connects, endpoint.connections, proxy.connections) == ([], 0, 0)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_where_a_redirect_leads_nobody_connects(
    endpoint: Endpoint,
    fake_worker: Endpoint,
    connects: list[object],
    settings: LazySettings,
    status: int,
) -> None:
    """Not even where it would be allowed."""
    settings.EGRESS_ALLOWED_CIDRS = LOOPBACK
    endpoint.answer(redirect(fake_worker.url, status))
    assert not send(endpoint.url)
    assert connects == [("127.0.0.1", endpoint.port)]
    assert fake_worker.connections == 0
