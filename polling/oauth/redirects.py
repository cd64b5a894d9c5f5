"""Where a browser on this machine brings what the provider has sent it with."""

from __future__ import annotations

import http.server
import queue
import socketserver
import threading
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
CONNECTION_SECONDS = 10
THANKS = b"""<!doctype html><meta charset="utf-8"><title>render_signal</title>
<p>Thank you. You can close this page; the rest is said where the command runs.</p>
"""


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = CONNECTION_SECONDS  # browsers open connections that they never use
    server: _Server

    def do_GET(self) -> None:  # noqa: N802  # the name is http.server's
        if "?" not in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(THANKS)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(THANKS)
        self.server.brought.put(self.path)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the code."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, brought: queue.SimpleQueue[str]) -> None:
        self.brought = brought
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Without the look-up of a name that http.server makes here."""
        socketserver.TCPServer.server_bind(self)


class Redirects:
    """Paths that browsers were sent to come out of `brought`. Raises OSError where the port is
    taken; 0 is any port."""

    def __init__(self, port: int) -> None:
        self.brought: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._server = _Server(port, self.brought)
        self.uri = f"http://{HOST}:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
