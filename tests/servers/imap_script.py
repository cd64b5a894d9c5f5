"""An IMAP server that behaves, until a test tells it otherwise."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable

from tests.servers.certificates import Certificates
from tests.servers.imap_mails import ScriptedMail
from tests.servers.imap_session import Command, Hook, Session
from tests.servers.ports import HOST, established


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
