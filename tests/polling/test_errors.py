from __future__ import annotations

import imaplib
import random
import re
import socket
import ssl

import pytest
from imapclient.exceptions import LoginError

from polling.backoff import BACKOFF, backoff
from polling.errors import Kind, MailboxTimeout, Server, explain

SERVER = Server("imap.example", 993)
CONTRACT_GREP = re.compile(r"IMAP.*timeout|IMAP.*failed")


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


def interrupted_login() -> LoginError:
    error = LoginError("socket error: EOF")
    error.__context__ = imaplib.IMAP4.abort("socket error: EOF")
    return error


@pytest.mark.parametrize(
    ("error", "phase", "kind"),
    [
        (TimeoutError("timed out"), "SEARCH", Kind.TRANSIENT),
        (ConnectionResetError(104, "reset"), "FETCH", Kind.TRANSIENT),
        (OSError("cannot read from timed out object"), "NOOP", Kind.TRANSIENT),
        (imaplib.IMAP4.abort("socket error: EOF"), "IDLE", Kind.TRANSIENT),
        (imaplib.IMAP4.error("BAD what"), "SEARCH", Kind.TRANSIENT),
        (ssl.SSLError("wrong version number"), "connection", Kind.TRANSIENT),
        (untrusted(), "connection", Kind.CONFIGURATION),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "connection", Kind.CONFIGURATION),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "connection", Kind.TRANSIENT),
        (LoginError("b'[AUTHENTICATIONFAILED] no'"), "login", Kind.AUTHENTICATION),
        (LoginError("Application-specific password required"), "login", Kind.AUTHENTICATION),
        (LoginError("b'[UNAVAILABLE] later'"), "login", Kind.LIMIT),
        (LoginError("b'[LIMIT] Too many connections'"), "login", Kind.LIMIT),
        (LoginError("command LOGIN illegal in state AUTH"), "login", Kind.CONFIGURATION),
        (interrupted_login(), "login", Kind.TRANSIENT),
        (imaplib.IMAP4.readonly("x is not writable"), "SELECT", Kind.CONFIGURATION),
        (imaplib.IMAP4.error("b'[NONEXISTENT] Unknown Mailbox'"), "SELECT", Kind.CONFIGURATION),
        (UnicodeError("label empty or too long"), "connection", Kind.CONFIGURATION),
        (UnicodeEncodeError("ascii", "\xe4", 0, 1, "no"), "login", Kind.CONFIGURATION),
        (UnicodeEncodeError("utf-8", "\udce4", 0, 1, "no"), "SELECT", Kind.CONFIGURATION),
        (UnicodeDecodeError("ascii", b"\xe4", 0, 1, "no"), "connection", Kind.TRANSIENT),
        (ValueError("invalid literal for int()"), "SELECT", Kind.TRANSIENT),
        (KeyError("UID"), "FETCH", Kind.TRANSIENT),
        (imaplib.IMAP4.error("[LIMIT] Rate limit hit"), "CAPABILITY", Kind.LIMIT),
    ],
)
def test_each_error_has_its_class_and_a_line_that_the_operator_greps(
    error: Exception, phase: str, kind: Kind
) -> None:
    trouble = explain(error, phase, SERVER)
    assert trouble.kind is kind
    assert CONTRACT_GREP.search(str(trouble))


def test_a_password_that_cannot_be_sent_is_not_shown_in_part_either() -> None:
    error = UnicodeEncodeError("ascii", "s\xe9cret", 1, 2, "ordinal not in range(128)")
    assert "e9" in str(error)
    assert "e9" not in str(explain(error, "login", SERVER))


def test_a_sentence_is_one_line_and_bounded() -> None:
    sentence = str(explain(imaplib.IMAP4.error("a\r\n" * 1000), "SEARCH", SERVER))
    assert "\n" not in sentence
    assert len(sentence) < 400


def test_a_timeout_names_its_phase_and_limit() -> None:
    timeout = MailboxTimeout("SEARCH", 30.0, SERVER)
    assert (
        str(timeout) == "IMAP SEARCH timeout after 30 s: imap.example:993 does not answer in time"
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_waits_grow_to_a_limit_and_are_never_short(kind: Kind) -> None:
    rng = random.Random(1)
    waits = [backoff(kind, failures, rng) for failures in range(1, 60)]
    assert min(waits) >= BACKOFF[kind].first / 2
    assert max(waits) <= BACKOFF[kind].longest


def test_a_wrong_password_is_not_tried_again_within_minutes() -> None:
    assert backoff(Kind.AUTHENTICATION, 1, random.Random(1)) >= 150
