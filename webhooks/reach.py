"""Whether an endpoint can be reached at all: its name, its address, its certificate. Nothing is
sent to it."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from runtime.certificates import certificate_ends
from runtime.deadline import Deadline
from runtime.http import SocketAddress, connect_to
from runtime.look_up import LookUpTooSlow, in_time
from webhooks.egress import check_url, resolve
from webhooks.endpoints import Endpoint
from webhooks.guarded_http import GuardedAdapter, UnverifiedAdapter

PORTS = {"https": 443, "http": 80}


class Unreachable(Exception):
    """Says why, without the address."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """certificate_ends None: there is none, or it is not checked."""

    address: str
    certificate_ends: datetime | None


def reach(endpoint: Endpoint, seconds: float) -> Reached:
    """Raises EgressRefused and Unreachable."""
    check_url(endpoint.url, settings.EGRESS_ALLOWED_CIDRS)
    with Deadline(seconds) as deadline:
        try:
            return _reach(endpoint, deadline)
        except (OSError, UnicodeError) as exc:
            raise Unreachable(_reason(exc, deadline)) from None


def _reach(endpoint: Endpoint, deadline: Deadline) -> Reached:
    parts = urlsplit(endpoint.url)
    encrypted = parts.scheme == "https"
    port = parts.port or PORTS[parts.scheme]
    allowed = settings.EGRESS_ALLOWED_CIDRS
    found = in_time(
        deadline, lambda: resolve(endpoint.host, port, encrypted=encrypted, allowed=allowed)
    )
    with contextlib.closing(_connected(found, deadline)) as sock:
        address = str(sock.getpeername()[0])
        if not encrypted:
            return Reached(address=address, certificate_ends=None)
        adapter = GuardedAdapter() if endpoint.verify_tls else UnverifiedAdapter()
        with adapter.trust().wrap_socket(sock, server_hostname=endpoint.host) as tls:
            return Reached(address=address, certificate_ends=certificate_ends(tls))


def _connected(addresses: Sequence[SocketAddress], deadline: Deadline) -> socket.socket:
    """To the first that answers; each has its share of the time."""
    error = OSError("it has no address")
    for number, (family, address) in enumerate(addresses):
        share = deadline.remaining() / (len(addresses) - number)
        try:
            return connect_to(family, address, deadline, share)
        except OSError as exc:
            error = exc
    raise error


def _reason(error: Exception, deadline: Deadline) -> str:
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "the host name is unknown"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if deadline.expired or isinstance(error, (TimeoutError, LookUpTooSlow)):
        return f"no answer within {deadline.seconds:g} s"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return getattr(error, "strerror", None) or type(error).__name__
