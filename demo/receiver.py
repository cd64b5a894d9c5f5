"""Where the demo's webhooks arrive: a small HTTP server that likes everything it gets."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

LARGEST_BODY = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Received:
    """One webhook. at is time.monotonic(); signed only says that there is a signature."""

    at: float
    webhook_id: str | None
    signed: bool
    payload: dict[str, Any]


class Receiver:
    """Calls back with each webhook, from a thread of its own, before it is answered."""

    host = "127.0.0.1"

    def __init__(self, on_received: Callable[[Received], None]) -> None:
        self._server = _Server((self.host, 0), on_received)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="receiver",
            daemon=True,
        )

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self._server.server_address[1]}/webhook"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds for a client that connects and stays silent
    server: _Server

    def do_POST(self) -> None:
        at = time.monotonic()
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self._answer(HTTPStatus.LENGTH_REQUIRED, "no usable Content-Length")
            return
        body = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            self._answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
            return
        try:
            payload = json.loads(body)
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            self._answer(HTTPStatus.BAD_REQUEST, "not a JSON object")
            return
        self.server.on_received(
            Received(
                at=at,
                webhook_id=self.headers.get("webhook-id"),
                signed="webhook-signature" in self.headers,
                payload=payload,
            )
        )
        self._answer(HTTPStatus.OK)

    def _answer(self, status: HTTPStatus, error: str = "") -> None:
        answer = {"success": False, "error": error} if error else {"success": True}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The demo shows each webhook itself."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], on_received: Callable[[Received], None]) -> None:
        self.on_received = on_received
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """HTTPServer's own asks DNS for the name of this machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = Receiver.host, self.server_address[1]
