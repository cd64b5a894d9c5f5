"""Ports on the loopback interface."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable

HOST = "127.0.0.1"
# Below the range of which the kernel serves outgoing connections: a server that restarts
# finds its port free. pytest-randomly seeds `random` alike in all workers, so not from that.
_random = random.SystemRandom()
LOW, HIGH = 15000, 32000
ESTABLISHED = 1  # in tcp(7)'s TCP_INFO


def free_port() -> int:
    while True:
        port = _random.randrange(LOW, HIGH)
        with socket.socket() as sock:
            try:
                sock.bind((HOST, port))
            except OSError:
                continue
        return port


def is_listening(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_port(port: int, seconds: float = 10.0, alive: Callable[[], bool] = lambda: True) -> None:
    """Return when something listens; TimeoutError when `alive` says no or time is over."""
    ends = time.monotonic() + seconds
    while not is_listening(port):
        if not alive() or time.monotonic() > ends:
            raise TimeoutError(f"nothing listens on {HOST}:{port}")
        time.sleep(0.01)


def established(sock: socket.socket) -> bool:
    """Whether neither end has closed the connection, as the kernel knows it (Linux)."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
    except OSError:
        return False
