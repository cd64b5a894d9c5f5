"""An IMAP server that behaves, until a test tells it otherwise."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.servers.certificates import Certificates
from tests.servers.imap_mails import ScriptedMail
from tests.servers.imap_replies import REPLIES
from tests.servers.ports import HOST, established

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
        return bool(select.select([self._socket], [], [], seconds)[0])

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


class ScriptedImap:
    """Listens on `port`; `on(name, hook)` replaces the answer to one command.

    Names are "UID FETCH", "IDLE", …, and "CONNECT" for the greeting. Any login is good.
    most_open: connections that were open at the same time.
    """

    def __init__(
        self, mails: Iterable[bytes] = (), certificates: Certificates | None = None
    ) -> None:
        self.capabilities = "IMAP4rev1 IDLE UIDPLUS LITERAL+ SASL-IR ID AUTH=PLAIN"
        self.permanent_flags = r"\Answered \Flagged \Deleted \Seen \Draft \*"
        self.uidvalidity = 1
        self.mails: list[ScriptedMail] = []
        self.commands: list[Command] = []
        self.connections = self.received = self.sent = self.most_open = 0
        self.stopping = threading.Event()
        self._hooks: dict[str, Hook] = {}
        self._lock = threading.Lock()
        self._sessions: list[tuple[Session, threading.Thread]] = []
        self.context = certificates.server_context() if certificates else None
        self._listener = socket.create_server((HOST, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        for raw in mails:
            self.add(raw)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def on(self, name: str, hook: Hook | None) -> None:
        """None gives the good answer back."""
        with self._lock:
            self._hooks.pop(name, None)
            if hook is not None:
                self._hooks[name] = hook

    def add(self, raw: bytes, *flags: str) -> ScriptedMail:
        """A new mail: idle sessions hear of it."""
        crlf = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        with self._lock:
            mail = ScriptedMail(self.uidnext, crlf, set(flags))
            self.mails.append(mail)
        return mail

    @property
    def traffic(self) -> int:
        return self.received + self.sent

    @property
    def uidnext(self) -> int:
        return self.mails[-1].uid + 1 if self.mails else 1

    def named(self, name: str) -> list[Command]:
        with self._lock:
            return [command for command in self.commands if command.name == name]

    def hang_up(self) -> None:
        """Close the connections that are open, without a BYE."""
        with self._lock:
            sessions = [session for session, _ in self._sessions]
        for session in sessions:
            session.close()

    def forget_ended(self) -> None:
        """Wait for the sessions, all of which the client has closed."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
        for _, thread in sessions:
            thread.join(5)

    def close(self) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._listener.close()
        self._acceptor.join(5)
        self.hang_up()
        for _, thread in self._sessions:
            thread.join(5)

    # What sessions use

    def hook(self, name: str) -> Hook | None:
        with self._lock:
            return self._hooks.get(name)

    def record(self, command: Command) -> None:
        with self._lock:
            self.commands.append(command)

    def count(self, received: int = 0, sent: int = 0) -> None:
        with self._lock:
            self.received += received
            self.sent += sent

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            # Nagle's algorithm would hold the second line of an answer back for 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            session = Session(self, sock, self.connections)
            thread = threading.Thread(target=session.run, daemon=True)
            with self._lock:
                self._sessions.append((session, thread))
                still_open = sum(established(each._socket) for each, _ in self._sessions)
            self.most_open = max(self.most_open, still_open)
            thread.start()
