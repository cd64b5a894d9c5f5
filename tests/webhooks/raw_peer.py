"""A peer that says exactly these bytes, whatever HTTP thinks of them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence

from tests.servers.ports import HOST


class RawPeer:
    """Answers a request whose body is {} with `parts`, `pause` seconds apart, and then closes
    the connection, or holds it open until it is closed itself. early: does so unasked."""

    def __init__(
        self,
        parts: Sequence[bytes],
        *,
        pause: float = 0.0,
        hold: bool = False,
        early: bool = False,
    ) -> None:
        self._parts = parts
        self._pause = pause
        self._hold = hold
        self._early = early
        self._closed = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}/hook"
        self._thread = threading.Thread(target=self._serve, name="raw-peer")
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, self.port), timeout=1).close()
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            connection, _ = self._listener.accept()
            with connection, contextlib.suppress(OSError):
                if self._early or _read_request(connection):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        for part in self._parts:
            connection.sendall(part)
            time.sleep(self._pause)
        if self._hold:
            self._closed.wait(10)


def _read_request(connection: socket.socket) -> bytes:
    """To its last byte: closing with bytes unread would reset the connection."""
    request = b""
    while not request.endswith(b"\r\n\r\n{}"):
        part = connection.recv(65536)
        if not part:
            break
        request += part
    return request
