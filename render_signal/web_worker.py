"""gunicorn's threads, none of which waits for somebody who is slow to ask or to hear.

gunicorn's own worker reads the head of a request in the thread that will answer it, and closes
in its one loop: some connections that are left half open would keep everybody else out.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
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
# Of a form; a longer one, or one whose length is not told, is read by the thread that answers.
MAX_FORM_BYTES = 65536
LONG_BODIES = 2
# Lines must end with CRLF; what does not is refused, not waited for.
END_OF_HEAD = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*([0-9]{1,9})[ \t]*\r?\n", re.IGNORECASE)
_SENT_IN_STEPS = re.compile(rb"\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)
_HAS_BODY = re.compile(rb"\n(?:transfer-encoding|content-length)[ \t]*:", re.IGNORECASE)


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A connection comes to a thread with each piece of a request, and leaves it until the next.
    Bodies that are waited for in a thread are few at a time."""

    _long_bodies = threading.BoundedSemaphore(LONG_BODIES)

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
            state = self._gather(conn)
        except OSError:  # the peer has gone
            state = False
        if state is True:
            state = self._answer(conn)
        if state is False:
            close_graceful(conn.sock, CLOSING_SECONDS)
        return state

    def _answer(self, conn: Any) -> Any:
        if not conn.parser.unreader.has_long_body:
            return super().handle(conn)
        if not self._long_bodies.acquire(blocking=False):
            refusal.turn_away(self.log, conn.sock, conn.client)
            return False
        try:
            return super().handle(conn)
        finally:
            self._long_bodies.release()

    def _gather(self, conn: Any) -> Any:
        """True once there is enough of the request, _DEFER until then."""
        conn.init()
        if not isinstance(conn.parser.unreader, PunctualUnreader):
            conn.parser.unreader = PunctualUnreader(conn.sock)
        unreader = conn.parser.unreader
        if getattr(conn, "head_ends", None) is None:
            conn.head_ends = time.monotonic() + HEAD_SECONDS
            unreader.has_head = False
        had_head = unreader.has_head
        try:
            complete = unreader.gather()
        except OverflowError:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders("too long"))
            return False
        if unreader.has_head and not had_head:
            conn.head_ends = time.monotonic() + BODY_SECONDS
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
    """Reads a head and a form without waiting, and a longer body until its end."""

    ends = 0.0
    has_head = False
    has_long_body = False

    def gather(self) -> bool:
        """Take what has arrived; whether it is enough. OverflowError for a head that is too long,
        OSError if the peer has gone."""
        taken = bytearray(self.take_buffered())
        self.sock.setblocking(False)
        try:
            while not self._is_enough(taken):
                piece = self.sock.recv(self.mxchunk)
                if not piece:
                    raise ConnectionResetError
                taken += piece
        except BlockingIOError:
            return False
        finally:
            self.unread(bytes(taken))
        return True

    def _is_enough(self, taken: bytearray) -> bool:
        """All but a long body."""
        end = END_OF_HEAD.search(taken)
        if end is None:
            if len(taken) > MAX_HEAD_BYTES:
                raise OverflowError
            return False
        head = taken[: end.end()]
        self.has_head = True
        length = _LENGTH.search(head)
        if length and not _SENT_IN_STEPS.search(head) and int(length[1]) <= MAX_FORM_BYTES:
            self.has_long_body = False
            return len(taken) >= end.end() + int(length[1])
        self.has_long_body = _HAS_BODY.search(head) is not None
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
