from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.deadline import Deadline, expire_thread
from tests.servers.certificates import Certificates
from tests.servers.ports import HOST

DRIP = 0.02


class DrippingPeer:
    """One byte each DRIP seconds to whoever connects, for as long as they listen."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server((HOST, 0))
        self._context = context
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="dripping-peer")
        self._thread.start()

    def _serve(self) -> None:
        plain, _ = self._listener.accept()
        with plain:
            sock = self._context.wrap_socket(plain, server_side=True) if self._context else plain
            try:
                while True:
                    sock.sendall(b".")
                    time.sleep(DRIP)
            except OSError:
                return
            finally:
                sock.close()

    def close(self) -> None:
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        left.settimeout(2)
        yield left, right


def read_to_the_end(sock: socket.socket) -> float:
    """How long the peer kept us."""
    begun = time.monotonic()
    try:
        while sock.recv(100):
            pass
    except OSError:
        pass
    return time.monotonic() - begun


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_dripping_peer_is_cut_at_the_deadline() -> None:
    peer = DrippingPeer()
    with socket.create_connection((HOST, peer.port), timeout=5) as sock, Deadline(0.3) as deadline:
        deadline.watch(sock)
        assert 0.25 < read_to_the_end(sock) < 0.8
        assert deadline.expired
    peer.close()


def test_a_dripping_peer_is_cut_over_tls_that_was_begun_after_watching(
    certificates: Certificates,
) -> None:
    peer = DrippingPeer(certificates.server_context())
    trusting = certificates.trusting(certificates.ca_file)
    with socket.create_connection((HOST, peer.port), timeout=5) as plain, Deadline(0.4) as deadline:
        deadline.watch(plain)
        with trusting.wrap_socket(plain, server_hostname="localhost") as sock:
            assert 0.1 < read_to_the_end(sock) < 0.9
            assert deadline.expired
    peer.close()


def test_a_read_that_is_blocked_in_another_thread_ends(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    reader = threading.Thread(target=read_to_the_end, args=(pair[0],))
    with Deadline(0.2) as deadline:
        deadline.watch(pair[0])
        reader.start()
        reader.join(1)
    assert not reader.is_alive()


def test_a_deadline_that_is_met_leaves_the_socket_usable(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    left, right = pair
    with Deadline(0.05) as deadline:
        deadline.watch(left)
    time.sleep(0.1)
    right.sendall(b"still here")
    assert left.recv(100) == b"still here"
    assert not deadline.expired


def test_a_descriptor_number_that_is_used_again_is_left_alone(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    mine, peer = socket.socketpair()
    number = mine.fileno()
    with Deadline(0.1) as deadline:
        deadline.watch(mine)
        mine.close()
        os.dup2(pair[0].fileno(), number)
        time.sleep(0.2)
        pair[1].sendall(b"for the new owner")
        assert deadline.expired
        assert os.read(number, 100) == b"for the new owner"
    os.close(number)
    peer.close()


def test_a_thousand_deadlines_leave_no_descriptors(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    before = open_descriptors()
    for number in range(1000):
        with Deadline(0.0 if number % 100 == 0 else 60) as deadline:
            deadline.watch(pair[0])
            deadline.watch(pair[1])
    time.sleep(0.05)
    assert open_descriptors() == before


def test_all_deadlines_share_one_thread(pair: tuple[socket.socket, socket.socket]) -> None:
    for _ in range(50):
        with Deadline(60) as deadline:
            deadline.watch(pair[0])
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("deadlines") == 1


def test_a_later_deadline_does_not_hide_an_earlier_one(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Deadline(30), Deadline(0.2) as soon:
        soon.watch(pair[0])
        assert read_to_the_end(pair[0]) < 1


def test_a_socket_that_is_watched_too_late_is_cut_at_once(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Deadline(30) as deadline:
        deadline.expire()
        deadline.watch(pair[0])
        assert pair[0].recv(1) == b""


def test_expiring_it_by_hand_cuts_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    with Deadline(30) as deadline:
        deadline.watch(pair[0])
        deadline.expire()
        assert pair[0].recv(1) == b""
        assert deadline.expired


def test_expiring_it_after_its_end_changes_nothing(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Deadline(30) as deadline:
        deadline.watch(pair[0])
    deadline.expire()
    pair[1].sendall(b"x")
    assert (pair[0].recv(1), deadline.expired) == (b"x", False)


def test_all_that_a_thread_waits_for_can_be_cut_at_once(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Deadline(30) as first, Deadline(40) as second:
        first.watch(pair[0])
        expire_thread(threading.get_ident() + 1)
        assert not first.expired
        expire_thread(threading.get_ident())
        assert pair[0].recv(1) == b""
        assert (first.expired, second.expired) == (True, True)


def test_remaining_runs_down_to_zero_and_no_further() -> None:
    with Deadline(0.05) as deadline:
        assert 0 < deadline.remaining() <= 0.05
        time.sleep(0.08)
        assert deadline.remaining() == 0
