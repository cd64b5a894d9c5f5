"""The network between a process and its servers, to be cut with nobody told.

Where root may make network namespaces the process lives in one of its own, with a cable to each
server: what is sent on a cable that is pulled out is lost, and no connection ends. Elsewhere
there is a proxy in front of each server, which swallows all, and goes on to acknowledge it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tests.servers.ports import HOST, free_port
from tests.servers.process import end, start
from tests.servers.proxy import Proxy

# Addresses of this machine, which a cable may carry all the same: the guard of the tests lets
# them pass. Four for each cable, other ones for each process that runs tests.
BLOCKS = 64
_cables = itertools.count()


class Cable(Protocol):
    """To one server, at that host and port."""

    host: str
    port: int

    def cut(self) -> None: ...

    def mend(self) -> None: ...


class Network(Protocol):
    """prefix: of the command that is to be on it."""

    prefix: list[str]

    def connect(self, port: int) -> Cable: ...


class Veth:
    """A pair of virtual devices. A proxy carries what comes out of it to the server, which
    listens on HOST alone."""

    def __init__(self, namespace: int, port: int) -> None:
        number = next(_cables)
        self._device = f"rs{os.getpid():x}x{number}"
        self._inside = f"in{number}"
        block = f"127.{128 + os.getpid() % 127}.{number // BLOCKS % 256}"
        base = number % BLOCKS * 4
        self.host = f"{block}.{base + 1}"
        ip("link", "add", self._device, "type", "veth", "peer", "name", self._inside,
           "netns", str(namespace))  # fmt: skip
        routed(self._device)
        ip("addr", "add", f"{self.host}/30", "dev", self._device)
        ip("link", "set", self._device, "up")
        enter = within(namespace)
        routed(self._inside, enter)
        ip("addr", "add", f"{block}.{base + 2}/30", "dev", self._inside, within=enter)
        ip("link", "set", self._inside, "up", within=enter)
        # Known for good: who asks for it in vain would say that the host cannot be reached.
        hardware = Path(f"/sys/class/net/{self._device}/address").read_text().strip()
        ip("neigh", "replace", self.host, "lladdr", hardware, "dev", self._inside, within=enter)
        self._proxy = Proxy(port, self.host)
        notice_the_gone(self._proxy.listener)
        self.port = self._proxy.port

    def cut(self) -> None:
        ip("link", "set", self._device, "down")

    def mend(self) -> None:
        ip("link", "set", self._device, "up")

    def close(self) -> None:
        self._proxy.close()


class Namespace:
    """It goes, and its cables with it, when the process that holds it ends."""

    def __init__(self) -> None:
        self._holder = start(["unshare", "--net", "sleep", "infinity"])
        self._stack = contextlib.ExitStack()
        self._stack.callback(end, self._holder)
        while not self._is_there():
            if self._holder.poll() is not None:
                raise OSError("no network namespace can be made")
        self.prefix = within(self._holder.pid)
        ip("link", "set", "lo", "up", within=self.prefix)
        self._try_out()

    def connect(self, port: int) -> Veth:
        return self._stack.enter_context(contextlib.closing(Veth(self._holder.pid, port)))

    def close(self) -> None:
        self._stack.close()

    def _try_out(self) -> None:
        """Some kernels make the devices, and carry nothing."""
        cable = self.connect(free_port())
        attempt = f"__import__('socket').create_connection(('{cable.host}', {cable.port}), 5)"
        run([*self.prefix, sys.executable, "-S", "-c", attempt])

    def _is_there(self) -> bool:
        ours, theirs = "/proc/self/ns/net", f"/proc/{self._holder.pid}/ns/net"
        with contextlib.suppress(OSError):
            return os.readlink(ours) != os.readlink(theirs)
        return False


class Stall:
    """What a proxy can do: all stalls, and connections of before are reset at the end."""

    host = HOST

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.port = proxy.port

    def cut(self) -> None:
        self._proxy.blackhole()

    def mend(self) -> None:
        self._proxy.cut()


class Proxies:
    def __init__(self, make_proxy: Callable[[int], Proxy]) -> None:
        self.prefix: list[str] = []
        self._make_proxy = make_proxy

    def connect(self, port: int) -> Stall:
        return Stall(self._make_proxy(port))


def notice_the_gone(listener: socket.socket) -> None:
    """After a cut, and not during one."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 3)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 3)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 100)


def within(namespace: int) -> list[str]:
    return ["nsenter", f"--net=/proc/{namespace}/ns/net"]


def ip(*arguments: str, within: list[str] | None = None) -> None:
    run([*(within or []), "ip", *arguments])


def routed(device: str, within: list[str] | None = None) -> None:
    """Addresses of HOST's network may come in from elsewhere."""
    setting = f"/proc/sys/net/ipv4/conf/{device}/route_localnet"
    run([*(within or []), "sh", "-c", f"echo 1 >{setting}"])


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr}")


def namespaces_can_be_made() -> bool:
    programs = ("ip", "nsenter", "unshare")
    return os.geteuid() == 0 and all(map(shutil.which, programs))


@contextlib.contextmanager
def network(make_proxy: Callable[[int], Proxy]) -> Iterator[Network]:
    """The best that this machine can do."""
    made: Namespace | None = None
    if namespaces_can_be_made():
        with contextlib.suppress(OSError):
            made = Namespace()
    if made is None:
        yield Proxies(make_proxy)
        return
    with contextlib.closing(made):
        yield made
