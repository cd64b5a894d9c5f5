"""Mail that leaves within a deadline."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Lock
from urllib.parse import unquote, urlsplit

from runtime.deadline import Deadline
from runtime.look_up import in_time

CONNECT_SECONDS = 10.0
QUIT_SECONDS = 2.0
PORTS = {"smtps": 465, "smtp": 587}
WORDS = 200


class MailNotSent(Exception):
    """Says why and by which server, without its login."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """tls: from the first byte; else STARTTLS, without which no password is sent."""

    host: str
    port: int
    tls: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def smtp_server(url: str) -> SmtpServer:
    """Raises ValueError, which says nothing of the URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise ValueError("malformed") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme not in PORTS or not host or port == 0 or parts.path.strip("/"):
        raise ValueError("not a server")
    if bool(user) != bool(password) or not _is_plain(user + password):
        raise ValueError("not a login")
    return SmtpServer(
        host=host,
        port=port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        user=user,
        password=password,
    )


def _is_plain(text: str) -> bool:
    """smtplib sends no other login."""
    return text.isascii() and (text.isprintable() or not text)


class Mailer:
    """Sends one mail at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._running: Deadline | None = None
        self._stopped = False

    def send(self, server: SmtpServer, message: EmailMessage, recipients: Sequence[str]) -> int:
        """How many recipients the server refused, not all of them. Raises MailNotSent."""
        with self._logged_in(server) as connection:
            return len(connection.send_message(message, to_addrs=list(recipients)))

    def greet(self, server: SmtpServer) -> None:
        """Log in and go. Raises MailNotSent."""
        with self._logged_in(server):
            pass

    @contextlib.contextmanager
    def _logged_in(self, server: SmtpServer) -> Iterator[smtplib.SMTP]:
        with Deadline(self._seconds) as deadline:
            with self._lock:
                if self._stopped:
                    raise MailNotSent("stopped while sending")
                self._running = deadline
            try:
                with _login(server, deadline) as connection:
                    yield connection
            except (smtplib.SMTPException, OSError, ValueError) as exc:
                late = f"no complete answer within {self._seconds:g} s"
                cut = "stopped while sending" if self._stopped else late
                over = deadline.expired or not deadline.remaining()
                why = cut if over else _reason(exc, server)
                raise MailNotSent(f"{server.host}: {why}") from None
            finally:
                self._running = None

    def cut(self) -> None:
        """End what is under way, and begin nothing any more."""
        with self._lock:
            self._stopped = True
            if self._running:
                self._running.expire()


@contextlib.contextmanager
def _login(server: SmtpServer, deadline: Deadline) -> Iterator[smtplib.SMTP]:
    trust = ssl.create_default_context()
    connection = _Connection(server, deadline, trust)
    try:
        connection.ehlo()
        if not server.tls:
            _encrypt(connection, server, trust)
        if server.password:
            connection.login(server.user, server.password)
        yield connection
        _quit(connection)
    finally:
        connection.close()


def _encrypt(connection: smtplib.SMTP, server: SmtpServer, trust: ssl.SSLContext) -> None:
    if connection.has_extn("starttls"):
        connection.starttls(context=trust)
    elif server.password:
        raise smtplib.SMTPException("it offers no STARTTLS, so no password is sent to it")


def _quit(connection: smtplib.SMTP) -> None:
    """The mail is on its way, whatever the server says to this."""
    if connection.sock:
        connection.sock.settimeout(QUIT_SECONDS)
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.quit()


class _Connection(smtplib.SMTP):
    """Opens its own socket and has it watched."""

    def __init__(self, server: SmtpServer, deadline: Deadline, trust: ssl.SSLContext) -> None:
        self._deadline = deadline
        self._trust = trust if server.tls else None
        # smtplib's own way to a name may ask the network, at length.
        name = socket.gethostname()
        name = name if "." in name and name.isascii() else "[127.0.0.1]"
        super().__init__(server.host, server.port, local_hostname=name, timeout=deadline.seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # A private name of smtplib: a test fails if it is no longer called.
        sock = self._opened(host, port)
        sock.settimeout(timeout)
        self._deadline.watch(sock)
        return self._trust.wrap_socket(sock, server_hostname=host) if self._trust else sock

    def _opened(self, host: str, port: int) -> socket.socket:
        found = in_time(
            self._deadline, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        error = OSError("it has no address")
        for family, _, _, _, address in found:
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(min(CONNECT_SECONDS, self._deadline.remaining()) or 0.001)
                sock.connect(address)
            except OSError as exc:
                sock.close()
                error = exc
            else:
                return sock
        raise error


def _reason(error: Exception, server: SmtpServer) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the login ({error.smtp_code}): check ALERT_SMTP_URL"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _said("it refuses each recipient", *next(iter(error.recipients.values())), server)
    if isinstance(error, smtplib.SMTPResponseException):
        return _said("it refuses the mail", error.smtp_code, error.smtp_error, server)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    if isinstance(error, socket.gaierror):
        return "its name is unknown: check ALERT_SMTP_URL"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return error.strerror or type(error).__name__
    return _clean(str(error), server)


def _said(what: str, code: int, text: bytes | str, server: SmtpServer) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _clean(f"{what} ({code} {words})", server)


def _clean(text: str, server: SmtpServer) -> str:
    """One line, without what a server may repeat of its login."""
    if server.password:
        text = text.replace(server.password, "…")
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:WORDS]
