"""requests over sockets that keep a total deadline.

A request is made inside `within(deadline)`, through a DeadlineAdapter.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, ClassVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.poolmanager import PoolManager

from runtime.deadline import Deadline
from runtime.look_up import in_time

NETWORK_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
CONNECT_SECONDS = 10.0
HEAD_BYTES = 64 * 1024
# Open connections to so many hosts are kept, and so many to each.
HOSTS_KEPT, CONNECTIONS_KEPT = 64, 16
SocketAddress = tuple[socket.AddressFamily, tuple[Any, ...]]


class _CurrentDeadline(threading.local):
    """The deadline of the request that this thread is making."""

    value: Deadline | None = None


_current = _CurrentDeadline()


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Requests of this thread keep the deadline."""
    _current.value = deadline
    try:
        yield
    finally:
        _current.value = None


class _HeadLines:
    """The lines of an answer's head, the last of which is remembered. http.client takes a
    hundred of 64 KiB, and several times as much memory for each answer under way."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = HEAD_BYTES
        self.last = b""

    def readline(self, limit: int) -> bytes:
        self.last = self._file.readline(limit)
        self._left -= len(self.last)
        if self._left < 0:
            raise http.client.HTTPException("the head of the answer is too long")
        return self.last

    def close(self) -> None:
        self._file.close()


class WholeHeadResponse(http.client.HTTPResponse):
    """Takes no answer that ends inside its head: http.client takes that end for the empty
    line, and half an answer would be a success. Takes no head without measure either."""

    def begin(self) -> None:
        file: Any = self.fp
        lines: Any = _HeadLines(file)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:
                self.fp = file
        if not lines.last:
            raise http.client.RemoteDisconnected("the connection was closed inside the answer")


class Watched:
    """For HTTPConnection and HTTPSConnection: opens its own socket and watches it. Each
    request must have a timeout, which is the limit of connecting to one address."""

    host: str
    port: int
    sock: socket.socket | None
    timeout: Any  # the seconds for connecting: urllib3 sets them
    encrypted = False

    def addresses(self) -> Sequence[SocketAddress]:
        """Where the host may be reached, the first to try first. Raises OSError or
        ValueError. Runs in a thread of its own."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]

    def _new_conn(self) -> socket.socket:
        # A private name of urllib3: a test fails if an upgrade no longer calls it.
        deadline = _current.value
        if deadline is None:
            raise RuntimeError("a watched connection was opened outside a deadline")
        try:
            addresses = in_time(deadline, self.addresses)
        except (socket.gaierror, UnicodeError) as exc:
            raise NewConnectionError(self, "the name is unknown") from exc  # type: ignore[arg-type]
        seconds = min(CONNECT_SECONDS, self.timeout)
        error: OSError | None = None
        for family, address in addresses:
            try:
                return connect_to(family, address, deadline, seconds)
            except OSError as exc:
                error = exc
        raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        if self.sock is not None and _current.value is not None:
            _current.value.watch(self.sock)
        return super().request(*args, **kwargs)  # type: ignore[misc]


def connect_to(
    family: socket.AddressFamily, address: tuple[Any, ...], deadline: Deadline, seconds: float
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(min(seconds, deadline.remaining()) or 0.001)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.watch(sock)
    except OSError:
        sock.close()
        raise
    return sock


class WatchedHTTPConnection(Watched, HTTPConnection):
    response_class = WholeHeadResponse


class WatchedHTTPSConnection(Watched, HTTPSConnection):
    response_class = WholeHeadResponse
    encrypted = True


class _LettingGo:
    """For pools: a connection that was given back may be another thread's at once, whose request
    the deadline of this one must not end."""

    def _put_conn(self, conn: Any) -> None:
        # A private name of urllib3, as _new_conn.
        if _current.value is not None:
            _current.value.let_go()
        super()._put_conn(conn)  # type: ignore[misc]  # of the pool that this is mixed into


class WatchedHTTPPool(_LettingGo, HTTPConnectionPool):
    ConnectionCls = WatchedHTTPConnection


class WatchedHTTPSPool(_LettingGo, HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """For any number of threads. Without all that a session adds: redirects, cookies, credentials
    or proxies of the environment. No retries either: those are the caller's."""

    verified: ClassVar[bool] = True
    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {
        "http": WatchedHTTPPool,
        "https": WatchedHTTPSPool,
    }

    def __init__(self) -> None:
        super().__init__(pool_connections=HOSTS_KEPT, pool_maxsize=CONNECTIONS_KEPT)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout: float | tuple[float, float],
        data: bytes | None = None,
    ) -> requests.Response:
        """The head of the answer; its body is to be read. Raises NETWORK_ERRORS, and ValueError
        for a URL or a head that makes no sense."""
        prepared = _prepared(method, url).copy()
        prepared.headers.update(headers)
        prepared.prepare_body(data, None)
        return self.send(prepared, stream=True, timeout=timeout, verify=self.verified)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
    ) -> None:
        self.poolmanager = PoolManager(
            connections, maxsize=maxsize, block=block, ssl_context=self.trust(), **kwargs
        )
        self.poolmanager.pool_classes_by_scheme = self.pools

    def trust(self) -> ssl.SSLContext:
        # The system's authorities, and those of SSL_CERT_FILE, beside the bundled ones.
        return ssl.create_default_context()


@lru_cache(maxsize=64)
def _prepared(method: str, url: str) -> requests.PreparedRequest:
    """With the credentials of the URL, if it has any. To be copied."""
    headers = {"Accept": "*/*", "Connection": "keep-alive"}
    return requests.Request(method, url, headers=headers).prepare()


def date_of(response: requests.Response) -> datetime | None:
    """By the clock of whoever answered; None if that is not told."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def read_body(response: requests.Response, limit: int) -> bytes:
    """The body up to the limit, never unpacked. Raises when it breaks off before its end."""
    body = b""
    while len(body) < limit:
        piece = response.raw.read(limit - len(body), decode_content=False)
        if not piece:
            break
        body += piece
    return body
