"""What a connection says of its certificate."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime


def certificate_ends(sock: socket.socket) -> datetime | None:
    """None where there is no certificate, or none that was checked."""
    if not isinstance(sock, ssl.SSLSocket):
        return None
    ends = (sock.getpeercert() or {}).get("notAfter")
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
