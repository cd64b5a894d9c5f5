"""What can go wrong with a mailbox, and what each kind of trouble asks for."""

from __future__ import annotations

import enum
import imaplib
import re
import socket
import ssl
from typing import NamedTuple

from imapclient.exceptions import LoginError

from webhooks.network_faults import NO_TLS

CHECK_SERVER = (
    "Check imap_host, imap_port and imap_security (IMAP_SERVER, IMAP_PORT and IMAP_USE_SSL)."
)


class Kind(enum.Enum):
    """transient: try again soon. limit: the provider has had enough of us. authentication and
    configuration: a person has to act, and hammering locks accounts. poison: one mail cannot be
    read, and the others go on."""

    TRANSIENT = "transient"
    LIMIT = "limit"
    AUTHENTICATION = "authentication"
    CONFIGURATION = "configuration"
    POISON = "poison"


class MailboxTrouble(Exception):
    """The session is over. The message is a sentence for the operator."""

    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class Server(NamedTuple):
    """Where an account is. In sentences it is host:port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class TokenRefused(MailboxTrouble):
    """The server does not take the access token that was just given to it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Kind.AUTHENTICATION, sentence)


class MailboxTimeout(MailboxTrouble):
    """A phase of the session took longer than it may."""

    def __init__(self, phase: str, seconds: float, server: Server) -> None:
        super().__init__(
            Kind.TRANSIENT,
            f"IMAP {phase} timeout after {seconds:g} s: {server} does not answer in time"
            + (f". {CHECK_SERVER}" if phase == "connection" else ""),
        )


class IdleRefused(MailboxTrouble):
    """The server advertises IDLE and does not do it."""


class UnreadableAnswer(MailboxTrouble):
    """An answer was complete and made no sense. The session is as good as before."""

    def __init__(self, phase: str, error: Exception) -> None:
        super().__init__(
            Kind.TRANSIENT, f"IMAP {phase} failed: unreadable answer ({type(error).__name__})"
        )


class NotImap(MailboxTrouble):
    """Something else listens there. Once, that may be a proxy in front of a server that is down."""

    def __init__(self, server: Server, text: str) -> None:
        said = text.removeprefix("unexpected response: ")[:80]
        super().__init__(
            Kind.TRANSIENT,
            f"IMAP connection failed: {server} does not speak IMAP, it says {said}. {CHECK_SERVER}",
        )


# What imapclient's parser raises for an answer of the wrong shape.
SHAPE_ERRORS = (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError)
# RFC 5530 response codes, and what providers write instead of them.
_REFUSED = re.compile(
    r"AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|\[EXPIRED\]|PRIVACYREQUIRED|CONTACTADMIN"
    r"|application-specific password|invalid credentials|authentication failed|login failed",
    re.IGNORECASE,
)
_BUSY = re.compile(
    r"\[UNAVAILABLE\]|\[LIMIT\]|\[INUSE\]|\[SERVERBUG\]|too many|try again|temporar|rate limit"
    r"|throttl|authenticated but not connected",
    re.IGNORECASE,
)
# What imaplib says of a greeting, or of a first answer, that is none of IMAP.
_STRANGE = re.compile(
    r"unexpected response|None$|no CAPABILITY response|server not IMAP4 compliant"
)
_PREAUTHENTICATED = re.compile("illegal in state AUTH", re.IGNORECASE)
_NO_SUCH_FOLDER = re.compile(
    r"\[NONEXISTENT\]|\[NOPERM\]|doesn't exist|does not exist|unknown mailbox|not found",
    re.IGNORECASE,
)


def explain(error: Exception, phase: str, server: Server) -> MailboxTrouble:
    """The trouble behind whatever imapclient, ssl or the socket raised."""
    if isinstance(error, MailboxTrouble):
        return error
    if isinstance(error, OSError):
        return _network(error, phase, server)
    text = one_line(error)
    if isinstance(error, LoginError):
        return _login(error, text, server.host)
    if isinstance(error, UnicodeError) and not isinstance(error, UnicodeDecodeError):
        return _unsendable(phase, server.host)
    if isinstance(error, SHAPE_ERRORS):
        return UnreadableAnswer(phase, error)
    if phase == "connection" and _STRANGE.match(text):
        return NotImap(server, text)
    if isinstance(error, imaplib.IMAP4.readonly):
        return MailboxTrouble(
            Kind.CONFIGURATION, f"IMAP {phase} failed: the folder is read-only for this account"
        )
    if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
        return _refusal(text, phase, server.host)
    return MailboxTrouble(Kind.TRANSIENT, f"IMAP {phase} failed: {server}: {text}")


def _network(error: OSError, phase: str, server: Server) -> MailboxTrouble:
    kind = Kind.TRANSIENT
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = Kind.CONFIGURATION
        what = (
            f"the certificate of {server.host} is not trusted ({error.verify_message}). "
            "Check the server name; certificates are always verified."
        )
    elif isinstance(error, socket.gaierror):
        kind = Kind.CONFIGURATION if error.errno == socket.EAI_NONAME else Kind.TRANSIENT
        what = f"the host name {server.host} is unknown. Check imap_host (IMAP_SERVER)."
    elif getattr(error, "reason", "") in NO_TLS:
        kind = Kind.CONFIGURATION
        what = (
            f"{server} does not speak TLS. Check imap_port and imap_security (IMAP_PORT and "
            "IMAP_USE_SSL): 993 is the usual port for tls, 143 for starttls."
        )
    elif isinstance(error, TimeoutError):
        return MailboxTrouble(kind, f"IMAP {phase} timeout: {server} does not answer")
    elif isinstance(error, ConnectionRefusedError):
        what = (
            f"{server} refuses the connection. "
            "Check imap_host and imap_port (IMAP_SERVER and IMAP_PORT)."
        )
    else:
        what = f"{server}: {error.strerror or one_line(error)}"
    return MailboxTrouble(kind, f"IMAP {phase} failed: {what}")


def _unsendable(phase: str, host: str) -> MailboxTrouble:
    """Nothing of the error's own text: it shows a piece of what could not be encoded."""
    what = {
        "connection": f"{host!r} is no host name. Check imap_host (IMAP_SERVER).",
        "login": "the user name or password has characters that cannot be sent. "
        "Check imap_user and imap_password (EMAIL_ADDRESS and EMAIL_PASSWORD).",
    }
    sentence = what.get(phase, "the name of the folder cannot be sent. Check imap_folder.")
    return MailboxTrouble(Kind.CONFIGURATION, f"IMAP {phase} failed: {sentence}")


def _login(error: LoginError, text: str, host: str) -> MailboxTrouble:
    """LoginError is all that imapclient raises, whatever happened while logging in."""
    if _PREAUTHENTICATED.search(text):
        return MailboxTrouble(
            Kind.CONFIGURATION, f"IMAP login failed: {host} has logged the connection in already"
        )
    if _BUSY.search(text):
        return MailboxTrouble(Kind.LIMIT, f"IMAP login failed: {host} is busy: {text}")
    if isinstance(error.__context__, imaplib.IMAP4.abort):
        return MailboxTrouble(Kind.TRANSIENT, f"IMAP login failed: {host} ended it: {text}")
    return MailboxTrouble(
        Kind.AUTHENTICATION,
        f"IMAP login failed: {host} refuses the user name or password ({text}). Check "
        "imap_user and imap_password (EMAIL_ADDRESS and EMAIL_PASSWORD). Many providers, "
        "Google too, want an application password; Microsoft 365 wants OAuth2: see `manage.py "
        "mailboxlogin`.",
    )


def _refusal(text: str, phase: str, host: str) -> MailboxTrouble:
    one_mail = phase == "FETCH" and "SERVERBUG" in text  # by which the others are not kept waiting
    if _BUSY.search(text) and not one_mail:
        return MailboxTrouble(Kind.LIMIT, f"IMAP {phase} failed: {host} is busy: {text}")
    if phase == "SELECT" and _NO_SUCH_FOLDER.search(text):
        return MailboxTrouble(Kind.CONFIGURATION, f"IMAP SELECT failed: no such folder ({text})")
    if _REFUSED.search(text):
        return MailboxTrouble(Kind.AUTHENTICATION, f"IMAP {phase} failed: {text}")
    return MailboxTrouble(Kind.TRANSIENT, f"IMAP {phase} failed: {text}")


def marks_refused(error: Exception, folder: str) -> MailboxTrouble:
    """A refusal to STORE. The session is as good as before."""
    text = one_line(error).removeprefix("store failed: ")
    return MailboxTrouble(
        Kind.LIMIT if _BUSY.search(text) else Kind.CONFIGURATION,
        f"IMAP STORE failed: the server takes no marks in folder {folder} ({text}). Mails are "
        "relayed all the same, but only the database remembers which: allow the account to set "
        "flags.",
    )


def one_line(error: Exception) -> str:
    """What it says, cut; imaplib likes to show bytes."""
    text = str(error) or type(error).__name__
    if found := re.fullmatch(r"b(['\"])(.*)\1", text, re.DOTALL):
        text = found[2]
    return " ".join(text.split())[:300]
