"""What went wrong between us and another server, in plain words."""

from __future__ import annotations

import socket
import ssl
from http.client import RemoteDisconnected

# What ssl finds instead of a handshake on a port in clear.
NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
PLAIN = {
    ConnectionRefusedError: "the connection was refused",
    RemoteDisconnected: "the connection was closed before an answer came",
    ConnectionResetError: "the connection was closed before an answer came",
    socket.gaierror: "the host name is unknown",
}


def innermost(error: BaseException) -> BaseException:
    """The first cause: the outer ones repeat the URL."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def in_words(error: BaseException) -> str:
    """Without a URL, and without what cannot be printed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if getattr(error, "reason", "") in NO_TLS:
        return "it does not speak TLS: check that its address and port are those of an https server"
    if plain := next((words for kind, words in PLAIN.items() if isinstance(error, kind)), ""):
        return plain
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    text = "".join(char if char.isprintable() else " " for char in str(error)[:200])
    return f"{type(error).__name__}: {' '.join(text.split())}"
