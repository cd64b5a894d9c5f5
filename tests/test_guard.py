"""No test may talk to another machine, and none may hide that it tried."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import guard
from tests.environment import ROOT, child_environment

OUTSIDE = ("192.0.2.1", 443)


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield sock


@pytest.mark.parametrize(
    "leave",
    [
        lambda sock: sock.connect(OUTSIDE),
        lambda sock: sock.connect_ex(OUTSIDE),
        lambda sock: sock.connect(("example.com", 80)),
        lambda sock: sock.sendto(b"x", OUTSIDE),
        lambda sock: sock.sendmsg([b"x"], [], 0, OUTSIDE),
        lambda _: socket.getaddrinfo("example.com", 443),
        lambda _: socket.gethostbyname("example.com"),
        lambda _: socket.gethostbyaddr("192.0.2.1"),
        lambda _: socket.getfqdn("example.com"),
    ],
)
def test_what_leaves_the_machine_is_refused(
    sock: socket.socket, leave: Callable[[socket.socket], object]
) -> None:
    with guard.forgiven() as attempts, pytest.raises(guard.OutsideTraffic, match=r"192\.0|example"):
        leave(sock)
    assert len(attempts) == 1


def test_this_machine_may_be_talked_to(sock: socket.socket) -> None:
    for host in ("127.0.0.1", "127.8.8.8", "localhost"):
        sock.connect((host, 9))
    for name in ("localhost", "127.0.0.1", "::1", "127.1", None):
        assert socket.getaddrinfo(name, 443)


def test_a_literal_address_may_be_looked_up_since_no_packet_is_sent() -> None:
    assert socket.getaddrinfo("192.0.2.1", 443)


def test_a_look_up_that_a_test_replaces_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    assert socket.getaddrinfo("example.com", 443) == []


def test_a_swallowed_attempt_fails_the_test(tmp_path: Path) -> None:
    test = tmp_path / "test_swallows.py"
    test.write_text(
        "import contextlib, socket\n"
        "def test_swallows():\n"
        "    with contextlib.suppress(Exception), socket.socket() as sock:\n"
        "        sock.connect(('192.0.2.1', 443))\n"
        "def test_honest():\n"
        "    pass\n"
    )
    options = f"-p tests.conftest -p no:cacheprovider --rootdir {ROOT} -c {ROOT}/pyproject.toml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), str(test)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "ERROR" in done.stdout
    assert "socket.connect ('192.0.2.1', 443)" in done.stdout
    assert "test_swallows.py" in done.stdout
    assert "2 passed, 1 error" in done.stdout


@pytest.mark.parametrize(("code", "expected"), [("", 0), (f"s.connect({OUTSIDE})", 97)])
def test_a_child_process_that_leaves_is_ended(tmp_path: Path, code: str, expected: int) -> None:
    program = (
        f"import socket\ns = socket.socket()\ntry:\n    {code or 'pass'}\nfinally:\n    s.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=child_environment(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == expected
    assert ("OUTSIDE TRAFFIC" in done.stderr) == bool(expected)
