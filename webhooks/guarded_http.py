"""requests over sockets that keep the egress guard and a total deadline."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import urllib3
from django.conf import settings
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from runtime.faults import fault
from runtime.http import (
    DeadlineAdapter,
    SocketAddress,
    Watched,
    WatchedHTTPConnection,
    WatchedHTTPSConnection,
)
from webhooks.egress import resolve

# An endpoint whose certificate is not checked is told to the operator by us, once and louder.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


class _Guarded(Watched):
    def addresses(self) -> Sequence[SocketAddress]:
        return resolve(
            self.host, self.port, encrypted=self.encrypted, allowed=settings.EGRESS_ALLOWED_CIDRS
        )

    def getresponse(self) -> Any:
        fault("request.sent")
        return super().getresponse()  # type: ignore[misc]


class GuardedHTTPConnection(_Guarded, WatchedHTTPConnection):
    pass


class GuardedHTTPSConnection(_Guarded, WatchedHTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = GuardedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPSConnection


class GuardedAdapter(DeadlineAdapter):
    """Mount it for both schemes. No retries: those are the outbox's."""

    pools = {"http": _HTTPPool, "https": _HTTPSPool}


class UnverifiedAdapter(GuardedAdapter):
    """For endpoints whose certificate must not be checked (webhook_ssl_verify false)."""

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
