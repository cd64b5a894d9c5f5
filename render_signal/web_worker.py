"""gunicorn's threads, none of which waits for somebody who is slow to ask or to hear.

gunicorn's own worker reads the head of a request in the thread that will answer it, and closes
in its one loop: some connections that are left half open would keep everybody else out.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from render_signal import refusal

logger = logging.getLogger(__name__)

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
ANSWER_SECONDS = 30.0
CLOSING_SECONDS = 0.5
MAX_HEAD_BYTES = 65536
# Lines must end with CRLF; what does not is refused, not waited for.
END_OF_HEAD = re.compile(rb"\n\r?\n")


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A connection comes to a thread with each piece of a head, and leaves it until the next."""

    def load_wsgi(self) -> None:
        """gunicorn would print a fault; by this exit code its first process ends as well."""
        try:
            super().load_wsgi()
        except ImproperlyConfigured as exc:
            logger.error("Configuration error: %s", exc)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        except Exception:
            logger.exception("The web process cannot start")
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def handle(self, conn: Any) -> Any:
        """False closes the connection."""
        try:
            state = self._read_head(conn)
        except OSError:  # the peer has gone
            state = False
        if state is True:
            state = super().handle(conn)
        if state is False:
            close_graceful(conn.sock, CLOSING_SECONDS)
        return state

    def _read_head(self, conn: Any) -> Any:
        """True once it is complete, _DEFER until then."""
        conn.init()
        if not isinstance(conn.parser.unreader, PunctualUnreader):
            conn.parser.unreader = PunctualUnreader(conn.sock)
        unreader = conn.parser.unreader
        if getattr(conn, "head_ends", None) is None:
            conn.head_ends = time.monotonic() + HEAD_SECONDS
        try:
            complete = unreader.gather()
        except OverflowError:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders("too long"))
            return False
        if not complete:
            return _DEFER if self.alive else False
        conn.head_ends, conn.data_ready = None, True
        unreader.ends = time.monotonic() + BODY_SECONDS
        return True

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.settimeout(ANSWER_SECONDS)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.info("Request given up: its sender neither reads nor goes on")
            return False

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """What is left of a body that nobody wanted is waited for no longer than this."""
        conn.parser.unreader.ends = time.monotonic() + CLOSING_SECONDS
        kept: bool = super()._keepalive_after(conn, keepalive)
        return kept

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        refusal.refuse(self.log, req, client, addr, exc)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
            return
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Each has an end of its own, which no further piece puts off; a process that stops
        waits for none."""
        now = time.monotonic()
        over = [conn for conn in self.pending_conns if conn.head_ends <= now or not self.alive]
        for conn in over:
            self.pending_conns.remove(conn)
            self.poller.unregister(conn.sock)
            self.nr_conns -= 1
            conn.close()


class PunctualUnreader(SocketUnreader):  # type: ignore[misc]
    """Reads a head without waiting, and a body until its end."""

    ends = 0.0

    def gather(self) -> bool:
        """Take what has arrived; whether a head is complete. OverflowError for one that is too
        long, OSError if the peer has gone."""
        head = bytearray(self.take_buffered())
        self.sock.setblocking(False)
        try:
            while not END_OF_HEAD.search(head):
                if len(head) > MAX_HEAD_BYTES:
                    raise OverflowError
                piece = self.sock.recv(self.mxchunk)
                if not piece:
                    raise ConnectionResetError
                head += piece
        except BlockingIOError:
            return False
        finally:
            self.unread(bytes(head))
        return True

    def chunk(self, size_hint: int | None = None) -> bytes:
        former = self.sock.gettimeout()
        left = max(self.ends - time.monotonic(), 0.001)
        self.sock.settimeout(left if former is None else min(left, former))
        try:
            found: bytes = super().chunk(size_hint)
            return found
        finally:
            self.sock.settimeout(former)
