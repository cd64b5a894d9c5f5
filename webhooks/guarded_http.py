"""requests over sockets that keep the egress guard and a total deadline."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import requests
import urllib3
from django.conf import settings

from runtime.deadline import Deadline
from runtime.faults import fault
from runtime.http import (
    DeadlineAdapter,
    SocketAddress,
    Watched,
    WatchedHTTPConnection,
    WatchedHTTPPool,
    WatchedHTTPSConnection,
    WatchedHTTPSPool,
    read_body,
    within,
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


class _HTTPPool(WatchedHTTPPool):
    ConnectionCls = GuardedHTTPConnection


class _HTTPSPool(WatchedHTTPSPool):
    ConnectionCls = GuardedHTTPSConnection


class GuardedAdapter(DeadlineAdapter):
    """No retries: those are the outbox's."""

    pools = {"http": _HTTPPool, "https": _HTTPSPool}

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline, most: int
    ) -> tuple[requests.Response, bytes]:
        """The answer, and of its body so many bytes. Raises requests.Timeout when the deadline is
        over, EgressRefused, NETWORK_ERRORS, and ValueError for an answer that makes no sense."""
        with (
            within(deadline),
            self.request(
                "POST", url, data=body, headers=headers, timeout=deadline.remaining() or 0.001
            ) as response,
        ):
            answer = read_body(response, most)
            if deadline.expired:
                raise requests.Timeout
            return response, answer


class UnverifiedAdapter(GuardedAdapter):
    """For endpoints whose certificate must not be checked (webhook_ssl_verify false)."""

    verified = False

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
