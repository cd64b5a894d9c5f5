"""The Cloudflare Worker that moves files to R2: one request for each file, and what came of it."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field, replace
from threading import Lock

import requests
from django.conf import settings

from runtime.deadline import Deadline
from runtime.http import NETWORK_ERRORS, date_of
from runtime.log_context import log_context
from webhooks.egress import EgressRefused, check_url
from webhooks.guarded_http import GuardedAdapter
from webhooks.metrics import TRANSFERS
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched, judge

logger = logging.getLogger(__name__)

ANSWER_BYTES = 16 * 1024
# A Worker that says nothing so often in a row is asked by one transfer only, now and then:
# webhooks must not wait in line for it.
SILENCES = 10
PROBE_SECONDS = 30.0


class Worker:
    """Asks from any number of threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[Deadline] = set()
        self._adapter: GuardedAdapter | None = None
        self._stopped = False
        self._silence = _Silence()

    def fetch(self, source: Source, message_id: str, seconds: float) -> Fetched:
        """Have these files stored. Takes no longer than that, and never raises. Says in the log
        how it ended."""
        with log_context(message_id=message_id):
            return self._fetch(source, message_id, seconds)

    def _fetch(self, source: Source, message_id: str, seconds: float) -> Fetched:
        try:
            fetched = self.ask(source, message_id, seconds)
        except Exception as exc:
            logger.exception("A fault while files were transferred")
            fetched = Fetched(source=source, error=f"a fault of the relay ({type(exc).__name__})")
        if not fetched.cut:
            TRANSFERS.add(outcome="success" if fetched.r2_url else "failed")
        if fetched.r2_url:
            logger.info("R2_TRANSFER: success url=%s r2_url=%s", source.masked, fetched.r2_url)
        elif not fetched.cut:
            logger.warning(
                "R2_TRANSFER: failed url=%s error=%s (fallback to source URLs)",
                source.masked,
                fetched.error,
            )
        return fetched

    def cut(self) -> None:
        """End all transfers under way, and begin no more."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for deadline in running:
            deadline.expire()

    def ask(self, source: Source, message_id: str, seconds: float) -> Fetched:
        """The same without a word in the log."""
        if seconds <= 0:
            return Fetched(source=source, error="no time was left for it")
        if not self._silence.may_ask():
            return Fetched(source=source, error="the Worker has not answered for a while")
        with Deadline(seconds) as deadline:
            with self._lock:
                if self._stopped:
                    return Fetched(source=source, cut=True)
                self._running.add(deadline)
            try:
                response, answer = self._post(source, message_id, deadline)
            except EgressRefused as exc:
                return Fetched(source=source, error=f"R2_FETCH_ENDPOINT cannot be used: {exc}")
            except (*NETWORK_ERRORS, ValueError) as exc:
                return self._unanswered(source, exc, deadline)
            finally:
                with self._lock:
                    self._running.discard(deadline)
        self._silence.broken()
        fetched = judge(source, response.status_code, answer)
        return replace(fetched, status=response.status_code, said_at=date_of(response))

    def _post(
        self, source: Source, message_id: str, deadline: Deadline
    ) -> tuple[requests.Response, bytes]:
        endpoint = settings.R2_FETCH_ENDPOINT
        check_url(endpoint, settings.EGRESS_ALLOWED_CIDRS)
        body = {
            "source_url": source.url,
            "object_key": source.object_key,
            "bucket": settings.R2_BUCKET_NAME,
            "provider": source.provider,
            "email_id": message_id,
        }
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "render-signal",
            # An idle connection that is closed as it is used again would cost a transfer.
            "Connection": "close",
            "X-R2-FETCH-TOKEN": settings.R2_FETCH_TOKEN,
        }
        content = json.dumps(body).encode()
        return self._guarded().post(endpoint, content, headers, deadline, ANSWER_BYTES)

    def _unanswered(self, source: Source, error: Exception, deadline: Deadline) -> Fetched:
        if self._stopped:
            return Fetched(source=source, cut=True)
        late = deadline.expired or isinstance(error, requests.Timeout)
        if not late or deadline.seconds > source.seconds / 2:
            self._silence.heard()
        if late:
            return Fetched(source=source, error=f"no answer within {deadline.seconds:.3g} s")
        return Fetched(source=source, error=f"the Worker cannot be reached ({_cause(error)})")

    def _guarded(self) -> GuardedAdapter:
        with self._lock:  # it reads all certificates
            self._adapter = self._adapter or GuardedAdapter()
            return self._adapter


@dataclass
class _Silence:
    """How often in a row the Worker has not answered."""

    times: int = 0
    ask_again_at: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def may_ask(self) -> bool:
        with self.lock:
            if self.times >= SILENCES:
                if time.monotonic() < self.ask_again_at:
                    return False
                self.ask_again_at = time.monotonic() + PROBE_SECONDS
            return True

    def heard(self) -> None:
        with self.lock:
            self.times += 1
            self.ask_again_at = time.monotonic() + PROBE_SECONDS

    def broken(self) -> None:
        with self.lock:
            self.times = 0


def _cause(error: BaseException) -> str:
    """The first cause, by its kind: its words may repeat the URL."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return type(error).__name__
