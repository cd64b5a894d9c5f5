"""What this process has claimed: sent from a few threads, and collected when it is answered."""

from __future__ import annotations

import logging
import queue
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Lock

from django.db import Error as DatabaseError

from runtime.database_clock import database_clock
from runtime.faults import fault
from runtime.log_context import log_context
from webhooks import outbox
from webhooks.client import Client, Result
from webhooks.endpoints import Endpoint
from webhooks.metrics import ATTEMPT_SECONDS
from webhooks.outbox import Claim
from webhooks.settlement import Finished

logger = logging.getLogger(__name__)
# Answers that come so shortly after one another are settled in one transaction.
GATHER_SECONDS = 0.005
LOOK_SECONDS = 0.05
TOO_LATE = Result(delivered=False, cut=True, error="its lease ended before it was sent")


class Sending:
    """For one thread that claims and settles; on_finished is called from the others.

    A claim is held from begin() until settled() or give_back(). No more are sent and not settled
    than there are threads: each of them is a possible repeat if the process is killed. A thread
    begins with none whose endpoint is not open, as it was described to begin(): so nothing leaves
    after a pause has been told of, nor to a former address, and an endpoint that fails does so
    with what is under way. Nor does it begin with one whose source is not among sources() any more:
    by then another process may send it, from a database of its own. None are all sources. pool is
    what those others are of.
    """

    def __init__(
        self,
        client: Client,
        threads: int,
        on_finished: Callable[[], None],
        sources: Callable[[], Collection[str] | None] = lambda: None,
        pool: Executor | None = None,
    ) -> None:
        self.threads = threads
        self._client = client
        self._on_finished = on_finished
        self._sources = sources
        self._pool = pool or ThreadPoolExecutor(threads, thread_name_prefix="delivery")
        self._finished: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._room = BoundedSemaphore(threads)
        self._unsent: queue.SimpleQueue[Claim] = queue.SimpleQueue()
        self._held: dict[Claim, tuple[Endpoint, Future[None]]] = {}
        self._open: dict[str, Endpoint] = {}
        self._changing = Lock()

    def __len__(self) -> int:
        return len(self._held)

    @property
    def claims(self) -> list[Claim]:
        return list(self._held)

    def by_endpoint(self) -> Counter[str]:
        return Counter(claim.endpoint for claim in self._held)

    def begin(self, claim: Claim, endpoint: Endpoint) -> None:
        self._held[claim] = endpoint, self._pool.submit(self._deliver, claim, endpoint)

    def open(self, endpoints: Iterable[Endpoint]) -> None:
        """From now on these are open, and no others."""
        with self._changing:
            self._open = {endpoint.id: endpoint for endpoint in endpoints}

    def shut(self, endpoint: str) -> None:
        """It is not open until open() says so again. From any thread."""
        with self._changing:
            self._open = {name: each for name, each in self._open.items() if name != endpoint}

    def give_back(self) -> None:
        """Let go of the claims that no thread has begun with, and that none may begin with now."""
        claims = self._recall()
        try:
            outbox.give_back(claims)
        except DatabaseError as exc:
            for claim in claims:
                with log_context(message_id=claim.message_id):
                    logger.warning(
                        "Sent once its lease has ended webhook_id=%s endpoint=%s: %s",
                        *(claim.webhook_id, claim.endpoint, exc),
                    )

    def _recall(self) -> list[Claim]:
        recalled = []
        while not self._unsent.empty():
            recalled.append(self._unsent.get())
        for claim, (endpoint, future) in self._held.items():
            if not self._may_begin(claim, endpoint) and future.cancel():
                recalled.append(claim)
        for claim in recalled:
            self._held.pop(claim, None)
        return recalled

    def finished(self) -> list[Finished]:
        """What was answered since the last time."""
        if 0 < self._finished.qsize() < min(self.threads, len(self._held)):
            time.sleep(GATHER_SECONDS)
        found = []
        while not self._finished.empty():
            found.append(self._finished.get())
        return found

    def put_back(self, finished: Sequence[Finished]) -> None:
        """They could not be settled: their leases still hold."""
        for item in finished:
            self._finished.put(item)

    def settled(self, finished: Sequence[Finished]) -> None:
        """There is room for as many more."""
        for item in finished:
            self._held.pop(item.claim, None)
            self._room.release()

    def cut(self) -> None:
        self._client.cut()

    def close(self) -> None:
        """Wait for the threads to end."""
        self._pool.shutdown(wait=True)

    def _may_begin(self, claim: Claim, endpoint: Endpoint) -> bool:
        sources = self._sources()
        is_open = self._open.get(endpoint.id) == endpoint
        return is_open and (sources is None or claim.source in sources)

    def _has_room(self, claim: Claim, endpoint: Endpoint) -> bool:
        """False if it must not be begun with, be it after a wait."""
        while self._may_begin(claim, endpoint):
            if self._room.acquire(timeout=LOOK_SECONDS):
                if self._may_begin(claim, endpoint):
                    return True
                self._room.release()
        return False

    def _deliver(self, claim: Claim, endpoint: Endpoint) -> None:
        if not self._has_room(claim, endpoint):
            self._unsent.put(claim)
            self._on_finished()
            return
        with log_context(message_id=claim.message_id):
            result = self._send(claim, endpoint)
        if not result.delivered:
            self.shut(endpoint.id)
        fault("delivery.answered")
        self._finished.put(Finished(claim, endpoint, result, database_clock.known()))
        self._on_finished()

    def _send(self, claim: Claim, endpoint: Endpoint) -> Result:
        try:
            if claim.over:  # the process stood still after its claim
                return TOO_LATE
            begun = time.monotonic()
            result = self._client.send(endpoint, claim.webhook_id, claim.payload)
            ATTEMPT_SECONDS.observe(time.monotonic() - begun, endpoint=endpoint.id)
        except Exception as exc:
            # Without a result the delivery would stay under way for ever.
            logger.exception("A fault while sending webhook_id=%s", claim.webhook_id)
            return Result(delivered=False, error=f"a fault of the relay ({type(exc).__name__})")
        return result
