"""An imapclient connection that is under a deadline from its first packet on."""

from __future__ import annotations

import contextlib
import imaplib
import select
import socket
import ssl
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from polling.accounts import Account
from polling.protocol.dialogue import Dialogue
from polling.protocol.recorder import RECORDERS, Recorder, Side
from runtime.deadline import Deadline
from runtime.look_up import in_time
from runtime.stopping import Wake

CONNECT_SECONDS = 10.0
SHORTEST_SECONDS = 0.05
LINGER_SECONDS = 0.1
# More than any answer needs that no size was announced of: imaplib takes no line over 1 MB.
ANSWER_BYTES = 8 * 1024 * 1024
KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 30000}


class AnswerTooLong(imaplib.IMAP4.abort):
    """The server sends, or announces, more than was asked for."""


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient whose socket is known, and under a deadline, from its first packet on."""

    def __init__(self, account: Account, timeout: float, deadline: Deadline) -> None:
        self._deadline = deadline
        self._mailbox = account.name
        super().__init__(
            account.host,
            account.port,
            ssl=account.security == "tls",
            ssl_context=ssl.create_default_context() if account.security == "tls" else None,
            timeout=SocketTimeout(connect=min(CONNECT_SECONDS, timeout), read=timeout),
        )
        self._imap.debug = 0  # or all that is sent and read would be formatted for no log
        self.normalise_times = False

    def allow(self, octets: int) -> None:
        """From now on, so much may be read."""
        self._imap.allowance = octets

    @property
    def allowed(self) -> int:
        """What is left of it."""
        return int(self._imap.allowance)

    def conceal(self, secrets: tuple[str, ...]) -> None:
        """They are in no protocol log, whoever says them."""
        self._imap.secrets = secrets

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  # the name is imapclient's
        return _Connection(
            self.host, self.port, self.ssl_context, self._timeout, self._deadline, self._mailbox
        )


class _Connection(imaplib.IMAP4):
    allowance = ANSWER_BYTES
    secrets: tuple[str, ...] = ()
    _heard: tuple[Recorder, Dialogue] | None = None

    def __init__(
        self,
        host: str,
        port: int,
        ssl_context: ssl.SSLContext | None,
        timeout: SocketTimeout,
        deadline: Deadline,
        mailbox: str,
    ) -> None:
        self._mailbox = mailbox
        self._is_new = True
        self._context = ssl_context
        self._limits = timeout
        self._deadline = deadline
        super().__init__(host, port, timeout=timeout.connect)
        self._is_new = False

    def read(self, size: int) -> bytes:
        """A literal; the memory for all of it would be taken before its first byte has come."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        if (recorder := RECORDERS.get(self._mailbox)) is not None:
            shown = self._dialogue(recorder).received(line, self.secrets)
            recorder.note(Side.RECEIVED, shown)
        self._spend(len(line))
        return line

    def send(self, data: Any) -> None:
        if (recorder := RECORDERS.get(self._mailbox)) is not None:
            recorder.note(Side.SENT, self._dialogue(recorder).sent(data, self.secrets))
        super().send(data)

    def _note_connected(self, sock: socket.socket) -> None:
        if (recorder := RECORDERS.get(self._mailbox)) is not None:
            how = f"{sock.version()}" if isinstance(sock, ssl.SSLSocket) else "without TLS"
            recorder.note(Side.NOTE, f"connected to {self.host}:{self.port}, {how}")

    def _dialogue(self, recorder: Recorder) -> Dialogue:
        """What is known of this connection since that recorder hears it."""
        if self._heard is None or self._heard[0] is not recorder:
            tag: Any = self.tagpre  # bytes, whatever its stub says
            self._heard = recorder, Dialogue(tag, is_new=self._is_new)
        return self._heard[1]

    def capability(self) -> tuple[str, list[Any]]:
        """imaplib takes the text of a refusal for a list of capabilities."""
        kind, data = super().capability()
        if kind != "OK":
            raise self.error(data[-1])
        return kind, data

    def _spend(self, octets: int) -> None:
        self.allowance -= octets
        if self.allowance < 0:
            raise AnswerTooLong("the answer is longer than what was asked for can be")

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = _reach(self.host, self.port, self._limits.connect, self._deadline)
        try:
            sock.settimeout(self._limits.read)
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_hostname=self.host)
            self._note_connected(sock)
            return sock
        except OSError:
            sock.close()
            raise


def _reach(host: str, port: int, longest: float, deadline: Deadline) -> socket.socket:
    """A connection to the first address that answers. One that does not leaves their share of
    the time to those behind it; the look-up has no time limit of its own."""
    found = in_time(deadline, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    failure = OSError("no address")
    for number, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            _prepare(sock)
            deadline.watch(sock)
            share = deadline.remaining() / (len(found) - number)
            sock.settimeout(max(SHORTEST_SECONDS, min(longest, share)))
            sock.connect(address)
        except OSError as exc:
            sock.close()
            failure = exc
        else:
            return sock
    raise failure


def _prepare(sock: socket.socket) -> None:
    """A command is written in two pieces: without NODELAY the second waits for an answer."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if option := getattr(socket, name, None):
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def announced(client: Client, timeout: float) -> bool:
    """Whether a line came in the same packet as the "+" that began the idling."""
    sock = client.socket()
    sock.settimeout(0)
    try:
        return bool(_buffer(client._imap).peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except (OSError, ValueError):
        return True  # the next command will say what it is
    finally:
        sock.settimeout(timeout)


def wait_for_news(client: Client, wake: Wake, seconds: float) -> None:
    """Until the server says something, or until shortly after the wake: what wakes us, settled
    mails, comes in numbers, and is marked together."""
    sock = client.socket().fileno()
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    poll.register(wake.fileno(), select.POLLIN)
    ready = [descriptor for descriptor, _ in poll.poll(seconds * 1000)]
    if ready and sock not in ready:
        poll.unregister(wake.fileno())
        poll.poll(LINGER_SECONDS * 1000)


def drop(client: Client) -> None:
    sock = client.socket()
    with contextlib.suppress(OSError):
        # imaplib's own shutdown() first waits for a reader that may be stuck.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        _buffer(client._imap).close()
    sock.close()


def _buffer(connection: imaplib.IMAP4) -> Any:
    """imaplib's reader; Python 3.14 renamed it."""
    return getattr(connection, "_file", None) or connection.file
