"""requests over sockets that keep the egress guard and a total deadline."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from typing import Any

import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.poolmanager import PoolManager

from runtime.deadline import Deadline
from webhooks.egress import resolve

# An endpoint whose certificate is not checked is told to the operator by us, once and louder.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

CONNECT_SECONDS = 10.0


class CurrentDeadline(threading.local):
    """The deadline of the request that this thread is making."""

    value: Deadline | None = None


current = CurrentDeadline()


class _LastLine:
    """The lines of an answer's head, the last of which is remembered."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.last = b""

    def readline(self, limit: int) -> bytes:
        self.last = self._file.readline(limit)
        return self.last

    def close(self) -> None:
        self._file.close()


class WholeHeadResponse(http.client.HTTPResponse):
    """Takes no answer that ends inside its head: http.client takes that end for the empty
    line, and half an answer would be a success."""

    def begin(self) -> None:
        file: Any = self.fp
        lines: Any = _LastLine(file)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:
                self.fp = file
        if not lines.last:
            raise http.client.RemoteDisconnected("the connection was closed inside the answer")


class _Guarded:
    """For HTTPConnection and HTTPSConnection: opens its own socket."""

    host: str
    port: int
    sock: socket.socket | None
    encrypted = False

    def _new_conn(self) -> socket.socket:
        # A private name of urllib3: a test fails if an upgrade no longer calls it.
        deadline = current.value
        if deadline is None:
            raise RuntimeError("a guarded connection was opened outside a deadline")
        try:
            addresses = resolve(
                self.host,
                self.port,
                encrypted=self.encrypted,
                allowed=settings.EGRESS_ALLOWED_CIDRS,
            )
        except (socket.gaierror, UnicodeError) as exc:
            raise NewConnectionError(self, "the name is unknown") from exc  # type: ignore[arg-type]
        error: OSError | None = None
        for family, address in addresses:
            try:
                return _connect(family, address, deadline)
            except OSError as exc:
                error = exc
        raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        if self.sock is not None and current.value is not None:
            current.value.watch(self.sock)
        return super().request(*args, **kwargs)  # type: ignore[misc]


def _connect(family: socket.AddressFamily, address: Any, deadline: Deadline) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(min(CONNECT_SECONDS, deadline.remaining()) or 0.001)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.watch(sock)
    except OSError:
        sock.close()
        raise
    return sock


class GuardedHTTPConnection(_Guarded, HTTPConnection):
    response_class = WholeHeadResponse


class GuardedHTTPSConnection(_Guarded, HTTPSConnection):
    response_class = WholeHeadResponse
    encrypted = True


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = GuardedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPSConnection


class GuardedAdapter(HTTPAdapter):
    """Mount it for both schemes. No retries: those are the outbox's."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        # The system's authorities, and those of SSL_CERT_FILE, beside the bundled ones.
        self.poolmanager = PoolManager(*args, ssl_context=ssl.create_default_context(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class UnverifiedAdapter(GuardedAdapter):
    """For endpoints whose certificate must not be checked (webhook_ssl_verify false)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.poolmanager = PoolManager(*args, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
