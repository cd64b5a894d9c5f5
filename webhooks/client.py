"""One request to one endpoint, and what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

import requests
from django.conf import settings

from runtime.deadline import Deadline
from runtime.faults import fault
from runtime.http import NETWORK_ERRORS, date_of
from runtime.look_up import LookUpTooSlow
from webhooks.answers import refuses
from webhooks.egress import UNUSABLE, EgressRefused, check_url
from webhooks.endpoints import Endpoint
from webhooks.guarded_http import GuardedAdapter, UnverifiedAdapter
from webhooks.network_faults import in_words, innermost
from webhooks.payload import encode_form
from webhooks.signing import sign

ANSWER_BYTES = 16 * 1024
CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
ENCODERS: dict[str, Callable[[str], bytes]] = {
    "json": str.encode,
    "form": lambda payload: encode_form(json.loads(payload)),
}
SHORTEST_SECRET = 6
OTHER_MODE = {"json": "form", "form": "json"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """delivered, or why not. permanent: another try cannot help. gone: the endpoint says that
    it is no more (410). refused: our own guard does not let anything go there, which is permanent
    too. retry_after is what the endpoint asks for, in seconds. said_at is what its clock says."""

    delivered: bool
    status: int | None = None
    error: str = ""
    answer: str = ""
    permanent: bool = False
    gone: bool = False
    refused: bool = False
    retry_after: float | None = None
    cut: bool = False
    said_at: datetime | None = None


class Client:
    """Sends from any number of threads, over connections that are kept open."""

    def __init__(self) -> None:
        self._adapters: dict[bool, GuardedAdapter] = {}
        self._lock = Lock()
        self._running: set[Deadline] = set()
        self._stopped = False
        # The modes that addresses took when they had refused the one that is set (415).
        self._taken: dict[tuple[str, str], str] = {}

    def send(self, endpoint: Endpoint, webhook_id: str, payload: str) -> Result:
        """payload is JSON text, and goes out as it is unless the mode is another. Never raises for
        anything the endpoint or the network does."""
        try:
            check_url(endpoint.url, settings.EGRESS_ALLOWED_CIDRS)
        except EgressRefused as exc:
            return _refused(exc)
        with Deadline(endpoint.deadline_seconds) as deadline:
            mode = self._mode(endpoint)
            result = self._send(endpoint, webhook_id, payload, mode, deadline)
            if result.status == 415 and endpoint.fallback_on_415:
                fault("request.other_mode")
                mode = OTHER_MODE[mode]
                result = self._send(endpoint, webhook_id, payload, mode, deadline)
            if result.delivered:
                self._taken[endpoint.fingerprint, endpoint.mode] = mode
        return result

    def _mode(self, endpoint: Endpoint) -> str:
        """The one that the address took last, as long as another may be tried at all."""
        if not endpoint.fallback_on_415:
            return endpoint.mode
        return self._taken.get((endpoint.fingerprint, endpoint.mode), endpoint.mode)

    def cut(self) -> None:
        """End all requests under way. Their results say `cut`: nobody knows how they ended."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for deadline in running:
            deadline.expire()

    def _send(
        self,
        endpoint: Endpoint,
        webhook_id: str,
        payload: str,
        mode: str,
        deadline: Deadline,
    ) -> Result:
        body = ENCODERS[mode](payload)
        timestamp = int(time.time())
        headers = {
            **endpoint.headers,
            "Content-Type": CONTENT_TYPES[mode],
            "Accept-Encoding": "identity",
            "User-Agent": "render-signal",
            "X-Source": "render-signal-server",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(endpoint.secrets, webhook_id, timestamp, body),
        }
        with self._lock:
            if self._stopped:
                return self._late(deadline)
            self._running.add(deadline)
        try:
            response, answer = self._adapter(endpoint).post(
                endpoint.url, body, headers, deadline, ANSWER_BYTES
            )
            return _judge(response, answer, endpoint)
        except EgressRefused as exc:
            return _refused(exc)
        except (*NETWORK_ERRORS, ValueError) as exc:  # ValueError: a head that makes no sense
            return self._failed(exc, deadline)
        finally:
            with self._lock:
                self._running.discard(deadline)

    def _failed(self, error: Exception, deadline: Deadline) -> Result:
        cause = innermost(error)
        if isinstance(cause, LookUpTooSlow) and not self._stopped:
            return Result(delivered=False, error=str(cause))
        if deadline.expired or isinstance(error, requests.Timeout):
            return self._late(deadline)
        return Result(delivered=False, error=in_words(cause))

    def _late(self, deadline: Deadline) -> Result:
        if self._stopped:
            return Result(delivered=False, cut=True, error="stopped while sending")
        return Result(delivered=False, error=f"no complete answer within {deadline.seconds:g} s")

    def _adapter(self, endpoint: Endpoint) -> GuardedAdapter:
        verified = endpoint.verify_tls
        with self._lock:  # each adapter reads all certificates anew
            if verified not in self._adapters:
                self._adapters[verified] = GuardedAdapter() if verified else UnverifiedAdapter()
            return self._adapters[verified]


def _refused(error: EgressRefused) -> Result:
    return Result(delivered=False, permanent=True, refused=True, error=f"{UNUSABLE}: {error}")


def _judge(response: requests.Response, answer: bytes, endpoint: Endpoint) -> Result:
    status = response.status_code
    text = _without_secrets(answer.decode("utf-8", "replace").replace("\0", ""), endpoint)
    if 200 <= status < 300 and not refuses(answer):
        return Result(delivered=True, status=status, answer=text, said_at=date_of(response))
    return Result(
        delivered=False,
        status=status,
        answer=text,
        error='the answer says "success": false' if 200 <= status < 300 else f"HTTP {status}",
        permanent=status == 413,
        gone=status == 410,
        retry_after=_retry_after(response.headers.get("Retry-After", "")),
        said_at=date_of(response),
    )


def _without_secrets(text: str, endpoint: Endpoint) -> str:
    """An answer may repeat what it was sent, as those of test receivers do, and the journal
    keeps it. Shorter values would blot out what is no secret."""
    for value in sorted(endpoint.headers.values(), key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            quoted = json.dumps(value)[1:-1]
            for written in (value, quoted, quoted.replace("/", "\\/")):
                text = text.replace(written, "…")
    return text


def _retry_after(value: str) -> float | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3); None if absent or malformed."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
