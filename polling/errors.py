"""What can go wrong with a mailbox, and what each kind of trouble asks for."""

from __future__ import annotations

import enum
import imaplib
import random
import re
import socket
import ssl
from dataclasses import dataclass

from imapclient.exceptions import LoginError


class Kind(enum.Enum):
    """transient: try again soon. limit: the provider has had enough of us. authentication and
    configuration: a person has to act, and hammering locks accounts."""

    TRANSIENT = "transient"
    LIMIT = "limit"
    AUTHENTICATION = "authentication"
    CONFIGURATION = "configuration"


class MailboxTrouble(Exception):
    """The session is over. The message is a sentence for the operator."""

    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class MailboxTimeout(MailboxTrouble):
    """A phase of the session took longer than it may."""

    def __init__(self, phase: str, seconds: float) -> None:
        super().__init__(Kind.TRANSIENT, f"IMAP {phase} timeout after {seconds:g} s")


class IdleRefused(MailboxTrouble):
    """The server advertises IDLE and does not do it."""


# What imapclient's parser raises for an answer of the wrong shape.
SHAPE_ERRORS = (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError)
# RFC 5530 response codes, and what providers write instead of them.
_REFUSED = re.compile(
    r"AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|\[EXPIRED\]|PRIVACYREQUIRED|CONTACTADMIN"
    r"|application-specific password|invalid credentials|authentication failed|login failed",
    re.IGNORECASE,
)
_BUSY = re.compile(
    r"\[UNAVAILABLE\]|\[LIMIT\]|\[INUSE\]|\[SERVERBUG\]|too many|try again|temporar|rate limit",
    re.IGNORECASE,
)
_PREAUTHENTICATED = re.compile("illegal in state AUTH", re.IGNORECASE)
_NO_SUCH_FOLDER = re.compile(
    r"\[NONEXISTENT\]|\[NOPERM\]|doesn't exist|does not exist|unknown mailbox|not found",
    re.IGNORECASE,
)


def explain(error: Exception, phase: str, host: str) -> MailboxTrouble:
    """The trouble behind whatever imapclient, ssl or the socket raised."""
    if isinstance(error, MailboxTrouble):
        return error
    text = _text(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailboxTrouble(
            Kind.CONFIGURATION,
            f"IMAP connection failed: the certificate of {host} is not trusted "
            f"({error.verify_message}). Check the server name; certificates are always verified.",
        )
    if isinstance(error, socket.gaierror):
        return MailboxTrouble(
            Kind.CONFIGURATION if error.errno == socket.EAI_NONAME else Kind.TRANSIENT,
            f"IMAP connection failed: the host name {host} is unknown. "
            "Check imap_host (IMAP_SERVER).",
        )
    if isinstance(error, TimeoutError):
        return MailboxTrouble(Kind.TRANSIENT, f"IMAP {phase} timeout: {host} does not answer")
    if isinstance(error, LoginError):
        return _login(error, text, host)
    if isinstance(error, UnicodeError) and not isinstance(error, UnicodeDecodeError):
        return _unsendable(phase, host)
    if isinstance(error, SHAPE_ERRORS) and not isinstance(error, OSError):
        return MailboxTrouble(
            Kind.TRANSIENT, f"IMAP {phase} failed: unreadable answer ({type(error).__name__})"
        )
    if isinstance(error, imaplib.IMAP4.readonly):
        return MailboxTrouble(
            Kind.CONFIGURATION, f"IMAP {phase} failed: the folder is read-only for this account"
        )
    if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
        return _refusal(text, phase, host)
    return MailboxTrouble(Kind.TRANSIENT, f"IMAP {phase} failed: {text}")


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
        "imap_user and imap_password (EMAIL_ADDRESS and EMAIL_PASSWORD); many providers want an "
        "application password.",
    )


def _refusal(text: str, phase: str, host: str) -> MailboxTrouble:
    if _BUSY.search(text):
        return MailboxTrouble(Kind.LIMIT, f"IMAP {phase} failed: {host} is busy: {text}")
    if phase == "SELECT" and _NO_SUCH_FOLDER.search(text):
        return MailboxTrouble(Kind.CONFIGURATION, f"IMAP SELECT failed: no such folder ({text})")
    if _REFUSED.search(text):
        return MailboxTrouble(Kind.AUTHENTICATION, f"IMAP {phase} failed: {text}")
    return MailboxTrouble(Kind.TRANSIENT, f"IMAP {phase} failed: {text}")


def _text(error: Exception) -> str:
    """One line; imaplib likes to show bytes."""
    text = str(error) or type(error).__name__
    if found := re.fullmatch(r"b(['\"])(.*)\1", text, re.DOTALL):
        text = found[2]
    return " ".join(text.split())[:300]


@dataclass(frozen=True)
class Delays:
    """Seconds: the first wait, its growth with each failure in a row, and the longest."""

    first: float
    factor: float
    longest: float


BACKOFF = {
    Kind.TRANSIENT: Delays(1, 2, 300),
    Kind.LIMIT: Delays(300, 2, 1800),
    Kind.AUTHENTICATION: Delays(300, 3, 3600),
    Kind.CONFIGURATION: Delays(60, 2, 300),
}


def backoff(kind: Kind, failures: int, rng: random.Random) -> float:
    """Seconds to wait after so many failures in a row, with jitter between half and all of it."""
    delays = BACKOFF[kind]
    wait = min(delays.longest, delays.first * delays.factor ** min(failures - 1, 20))
    return wait * rng.uniform(0.5, 1.0)
