"""No test talks to another machine.

An audit hook sees each connect, send and look-up of the interpreter, whoever makes it and
whatever is patched; it cannot be taken off again. Programs that are not Python, and libraries
with sockets of their own (libpq), are out of its sight.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

EXIT_CODE = 97

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutsideTraffic(RuntimeError):  # noqa: N818
    """No OSError: what handles a failing network must not take it for one."""


_attempts: list[str] = []
_lock = threading.Lock()
_installed = False


def take() -> list[str]:
    """The attempts since the last call, also those whose error was swallowed."""
    with _lock:
        taken = _attempts[:]
        _attempts.clear()
    return taken


@contextlib.contextmanager
def forgiven() -> Iterator[list[str]]:
    """Attempts within are meant; they are added to the list at the end."""
    before = take()
    found: list[str] = []
    try:
        yield found
    finally:
        found += take()
        with _lock:
            _attempts.extend(before)


def _refuse(what: str) -> None:
    message = f"{what}: no test may talk to another machine"
    with _lock:
        _attempts.append(f"{message}\n{''.join(traceback.format_stack(limit=12)[:-3])}")
    raise OutsideTraffic(message)


def _refuse_and_exit(what: str) -> None:
    frames = "".join(traceback.format_stack(limit=12)[:-3])
    line = f"OUTSIDE TRAFFIC pid={os.getpid()} {what}: no test may talk to another machine\n"
    os.write(2, (line + frames).encode(errors="replace"))
    os._exit(EXIT_CODE)


def _text(host: object) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    return text.strip("[]").partition("%")[0]


def _literal(host: str) -> IPAddress | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001
        except (OSError, ValueError):
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_local(host: object) -> bool:
    text = _text(host)
    address = _literal(text)
    return address.is_loopback if address else text.lower() == "localhost"


def _may_send(sock: socket.socket, address: Any) -> bool:
    if sock.family == socket.AF_UNIX or address is None:
        return True
    internet = sock.family in (socket.AF_INET, socket.AF_INET6)
    return internet and isinstance(address, tuple) and _is_local(address[0])


def _may_resolve(host: object, *_: object) -> bool:
    """A literal address is allowed: it takes no packet to look it up."""
    return not host or _is_local(host) or _literal(_text(host)) is not None


# Event to the place of the address among the arguments of the method.
SENDS = {"socket.connect": 0, "socket.sendto": -1, "socket.sendmsg": 3}

CHECKS: dict[str, Callable[..., bool]] = {
    "socket.connect": _may_send,
    "socket.sendto": _may_send,
    "socket.sendmsg": _may_send,
    "socket.getaddrinfo": _may_resolve,
    "socket.gethostbyname": _may_resolve,
    "socket.gethostbyaddr": _is_local,
    "socket.getnameinfo": lambda address: _is_local(address[0]),
}


def install(*, in_child: bool = False) -> None:
    """From now on refuse. A child process says so on stderr and exits with EXIT_CODE."""
    global _installed
    if _installed:
        return
    _installed = True
    refuse = _refuse_and_exit if in_child else _refuse

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        check = CHECKS.get(event)
        if check is None or check(*arguments):
            return
        # A send names the socket and the address, a look-up the host first.
        target = arguments[1] if event in SENDS else arguments[0]
        refuse(f"{event} {target!r}")

    sys.addaudithook(hook)
    for event, position in SENDS.items():
        _ask_before(hook, event, position)


def _ask_before(hook: Callable[[str, tuple[Any, ...]], None], event: str, position: int) -> None:
    """The interpreter looks a host name up before it raises the event of the send."""
    names = ("connect", "connect_ex") if event == "socket.connect" else (event.split(".")[1],)
    for name in names:
        original = getattr(socket.socket, name)

        def asking(
            self: socket.socket, *arguments: Any, original: Callable[..., Any] = original
        ) -> Any:
            if len(arguments) > position or position < 0:
                hook(event, (self, arguments[position]))
            return original(self, *arguments)

        setattr(socket.socket, name, asking)
