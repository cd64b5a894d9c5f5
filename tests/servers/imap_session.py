"""One connection of a scripted IMAP server, in a thread of its own."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.imap_replies import REPLIES

if TYPE_CHECKING:
    from tests.servers.imap_script import ScriptedImap

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")


class Gone(ConnectionError):  # noqa: N818
    """The connection of a session is over."""


@dataclass(frozen=True)
class Command:
    tag: str
    name: str
    arguments: str
    connection: int
    time: float = field(default_factory=time.monotonic)


Hook = Callable[["Session", Command], None]


class Session:
    """One connection, in a thread of its own. Hooks write to it."""

    def __init__(self, server: ScriptedImap, sock: socket.socket, number: int) -> None:
        self.server = server
        self.number = number
        self.seen = 0
        self.read_only = False
        self._socket = sock
        self._buffer = b""

    def run(self) -> None:
        try:
            if context := self.server.context:  # in two steps, to be known as open before
                tls = context.wrap_socket(self._socket, True, do_handshake_on_connect=False)
                self._socket = tls
                tls.do_handshake()
            self.dispatch(Command("*", "CONNECT", "", self.number))
            while command := self._read_command():
                self.dispatch(command)
                if command.name == "LOGOUT":
                    break
        except OSError:
            return  # Gone, reset by the client, or closed by the test
        finally:
            self.close()

    def dispatch(self, command: Command) -> None:
        self.server.record(command)
        hook = self.server.hook(command.name)
        (hook or Session.behave)(self, command)

    def behave(self, command: Command) -> None:
        """What a good server answers; hooks may call it too."""
        reply = REPLIES.get(command.name)
        if reply is None:
            self.send(f"{command.tag} BAD unknown command\r\n")
            return
        reply(self, command)

    def send(self, data: bytes | str, drip: float = 0.0) -> None:
        raw = data.encode() if isinstance(data, str) else data
        pieces = [raw[i : i + 1] for i in range(len(raw))] if drip else [raw]
        for piece in pieces:
            self._socket.sendall(piece)
            self.server.count(sent=len(piece))
            if drip:
                self.pause(drip)

    def ok(self, command: Command, text: str = "done") -> None:
        self.send(f"{command.tag} OK {text}\r\n")

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the server."""
        if self.server.stopping.wait(seconds):
            raise Gone

    def readable(self, seconds: float) -> bool:
        if self.server.stopping.is_set():
            raise Gone
        if self._buffer or (hasattr(self._socket, "pending") and self._socket.pending()):
            return True
        try:
            return bool(select.select([self._socket], [], [], seconds)[0])
        except (OSError, ValueError):  # it was hung up meanwhile, from another thread
            raise Gone from None

    def read_line(self) -> bytes:
        """A line with the literals it contains."""
        line = self._until_newline()
        while literal := LITERAL.search(line):
            if not literal[2]:
                self.send("+ go ahead\r\n")
            line += self._exactly(int(literal[1])) + self._until_newline()
        return line

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read_command(self) -> Command:
        text = self.read_line().decode("utf-8", "replace").strip()
        tag, _, rest = text.partition(" ")
        name, _, arguments = rest.partition(" ")
        if name.upper() == "UID":
            second, _, arguments = arguments.partition(" ")
            name = f"UID {second}"
        return Command(tag, name.upper(), arguments, self.number)

    def _until_newline(self) -> bytes:
        while b"\n" not in self._buffer:
            self._receive()
        line, newline, self._buffer = self._buffer.partition(b"\n")
        return line + newline

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise Gone
        self.server.count(received=len(data))
        self._buffer += data
