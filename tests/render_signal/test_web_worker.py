"""The web process towards those who ask slowly, wrongly or without listening."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from selectors import EVENT_READ, DefaultSelector

import pytest
from django.test import Client
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from render_signal.places import PLACES, WAITING
from render_signal.serving import THREADS
from render_signal.web_worker import LONG_BODIES, MAX_HEAD_BYTES, WebWorker
from tests.canary import found_in
from tests.servers.ports import HOST
from tests.servers.web import Visitor, Web

MANY = 3 * THREADS
# Without the cookie nobody would look for the token in what follows.
POST = (
    b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
FORM = POST + b"Content-Length: 1000\r\n\r\nab"
IN_STEPS = POST + b"Transfer-Encoding: chunked\r\n\r\n1"
LONG = FORM.replace(b"1000", b"1000000")
LIVE = b"GET /health/live HTTP/1.0\r\n\r\n"
HARMLESS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=utf-8",
}
Connect = Callable[[bytes], socket.socket]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    web = Web(tmp_path_factory.mktemp("web"), {"LOG_LEVEL": "DEBUG"})
    yield web
    web.stop()


@pytest.fixture
def connect(web: Web) -> Iterator[Connect]:
    """Send this, and keep the connection."""
    port = int(web.url.rpartition(":")[2])
    with ExitStack() as opened:

        def opening(sent: bytes) -> socket.socket:
            connection = opened.enter_context(socket.create_connection((HOST, port), timeout=30))
            with suppress(ConnectionError):  # it may be turned away before its end
                connection.sendall(sent)
            return connection

        yield opening


def answer(connection: socket.socket) -> str:
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found.decode("latin1")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: local", LIVE, b"GET / HTP\r\n\r\n", FORM, IN_STEPS, LONG],
    ids=[
        "nothing", "half a head", "never closed", "wrong, never closed",
        "half a form", "half a body in steps", "half a long body",
    ],
)  # fmt: skip
def test_many_that_stay_connected_keep_nobody_out(web: Web, connect: Connect, sent: bytes) -> None:
    kept = [connect(sent) for _ in range(MANY)]
    assert Visitor().get(f"{web.url}/health/live").status_code == 200
    assert Visitor().get(f"{web.url}/admin/login/").status_code == 200
    assert len(kept) == MANY


@pytest.mark.parametrize("page", ["/health", "/health/live", "/admin/login/", "/nowhere"])
def test_a_monitor_that_asks_for_the_head_alone_is_no_event(
    web: Web, connect: Connect, page: str
) -> None:
    asked = f"HEAD {page} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    head, _, body = answer(connect(asked.encode())).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.0 ") and body == ""
    assert "no-body response" not in web.log


def test_a_form_may_come_in_pieces(web: Web, connect: Connect) -> None:
    connection = connect(FORM.replace(b"1000", b"4").replace(b"HTTP/1.1", b"HTTP/1.0"))
    connection.sendall(b"c")
    connection.sendall(b"d")
    assert " 403 " in answer(connection).partition("\r\n")[0]  # it bears no token


def read_in_the_end(connect: Connect) -> bool:
    """Threads that read what a former test has begun to send find out that it has gone."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        connection = connect(LONG.replace(b"HTTP/1.1", b"HTTP/1.0") + b"c" * 999_998)
        with suppress(ConnectionResetError):
            if " 403 " in answer(connection).partition("\r\n")[0]:  # it bears no token
                return True
        time.sleep(0.1)
    return False


def test_a_long_body_is_read(web: Web, connect: Connect) -> None:
    assert read_in_the_end(connect)


def test_of_those_who_send_long_bodies_slowly_some_are_turned_away(
    web: Web, connect: Connect
) -> None:
    assert read_in_the_end(connect)
    kept = [connect(LONG) for _ in range(LONG_BODIES + 1)]
    with DefaultSelector() as selector:
        for each in kept:
            selector.register(each, EVENT_READ)
        (turned_away,) = [key.fileobj for key, _ in selector.select(5)]
    assert isinstance(turned_away, socket.socket)
    assert " 503 " in answer(turned_away).partition("\r\n")[0]
    assert "Request refused status=503 fault=LongBodies" in web.log


def test_pages_that_are_asked_for_at_once_are_all_made(web: Web) -> None:
    def look() -> int:
        return Visitor().get(f"{web.url}/admin/login/").status_code

    with ThreadPoolExecutor(PLACES + WAITING) as visitors:
        looks = [visitors.submit(look) for _ in range(PLACES + WAITING)]
        assert {each.result() for each in looks} == {200}


def test_a_head_may_come_in_pieces(connect: Connect) -> None:
    connection = connect(b"")
    for piece in (b"\r", b"\nGET /health/li", b"ve HTTP/1.0\r", b"\n\r", b"\n"):
        connection.sendall(piece)
    assert " 200 OK" in answer(connection).partition("\r\n")[0]


def test_two_requests_may_come_at_once_on_one_connection(connect: Connect) -> None:
    second = b"GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"
    connection = connect(b"GET /health/live HTTP/1.1\r\n\r\n" + second)
    assert answer(connection).count("HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /?key=t0ken HTP/1.1\r\n\r\n", 400),
        (b"GET /?key=t0ken\r\n\r\n", 400),
        (b"GET /?key=t0ken HTTP/1.1\n\n", 400),
        (b"G(T /?key=t0ken HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX t0ken: <b>\r\n\r\n", 400),
        (b"GET /?key=t0ken" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: t0ken" + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: t0ken" + b"x" * MAX_HEAD_BYTES, 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: t0ken\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_is_refused_and_not_repeated(
    web: Web, connect: Connect, sent: bytes, status: int
) -> None:
    head, _, body = answer(connect(sent)).partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first.split()[1] == str(status)
    assert headers.items() >= HARMLESS.items()
    assert set(page_headers()) <= headers.keys()
    assert found_in(head + body) == [] and len(body) < 40
    assert f"Request refused status={status} " in web.log
    assert found_in(web.log) == []


def page_headers() -> list[str]:
    """The security headers of a page."""
    return [
        name
        for name in Client().get("/admin/login/").headers
        if name.startswith(("X-", "Content-Security", "Cross-", "Referrer", "Permissions"))
    ]


def test_whoever_begins_and_does_not_go_on_is_left_in_the_end() -> None:
    ours, theirs = socket.socketpair()
    worker = WebWorker.__new__(WebWorker)
    worker.alive, worker.nr_conns, worker.poller = True, 2, DefaultSelector()
    late, early = (TConn(Config(), sock, None, None) for sock in (ours, theirs))
    late.head_ends, early.head_ends = float("inf"), 0.0
    worker.pending_conns = deque([late, early])
    for conn in worker.pending_conns:
        worker.poller.register(conn.sock, EVENT_READ)
    worker.murder_pending()
    assert (list(worker.pending_conns), worker.nr_conns) == ([late], 1)
    assert ours.recv(1) == b""
    worker.alive = False
    worker.murder_pending()
    assert (list(worker.pending_conns), worker.nr_conns) == ([], 0)
    worker.poller.close()
