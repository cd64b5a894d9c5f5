"""Moving the files of deliveries to R2 before their first try."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction

from runtime.faults import fault
from webhooks import preparation, transfers
from webhooks.endpoints import Endpoint
from webhooks.preparation import Unprepared
from webhooks.shared_files import Source
from webhooks.worker import Worker
from webhooks.worker_answers import Fetched

logger = logging.getLogger(__name__)

# Whose time runs; the requests are bounded by the threads.
DELIVERIES = 1000
TRANSFERS = 64
TRANSFERS_PER_DELIVERY = 8
# However many links a delivery has, it waits no longer than one folder may take.
LONGEST_SECONDS = 120.0


@dataclass(kw_only=True)
class _Waiting:
    """A delivery, and what is to become of its files. to_ask: nobody was asked yet; asked: an
    answer is awaited."""

    delivery: Unprepared
    ends: float
    to_ask: list[Source]
    asked: set[str] = field(default_factory=set)
    stored: dict[str, Fetched] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)
    cut: bool = False

    @property
    def complete(self) -> bool:
        return not (self.to_ask or self.asked or self.cut)

    def hear(self, result: Fetched) -> None:
        digest = result.source.digest
        if digest in self.asked:
            self.asked.discard(digest)
            self.cut = self.cut or result.cut
            if result.r2_url:
                self.stored[digest] = result


class Offload:
    """Has threads of its own, so that deliveries without files never wait for it. All but the
    requests is done by the one thread that calls it. Several deliveries with the same link
    share one transfer. on_finished is called from any thread when there is something to settle.
    """

    def __init__(self, on_finished: Callable[[], None], worker: Worker | None = None) -> None:
        self._on_finished = on_finished
        self._worker = worker or Worker()
        self._pool = ThreadPoolExecutor(TRANSFERS, thread_name_prefix="transfer")
        self._finished: queue.SimpleQueue[Fetched] = queue.SimpleQueue()
        self._under_way: set[str] = set()
        self._waiting: list[_Waiting] = []

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def begin(self, endpoint: Endpoint, now: datetime, sources: Collection[str] | None) -> None:
        """Take what is due and ask for its files."""
        free = DELIVERIES - len(self._waiting)
        if not settings.R2_FETCH_ENABLED or not free:
            return
        for delivery in preparation.take(endpoint, free, now, sources):
            wanted = delivery.sources()
            stored = transfers.reusable(wanted, now)
            waiting = _Waiting(
                delivery=delivery,
                ends=time.monotonic() + LONGEST_SECONDS,
                to_ask=[source for source in wanted if source.digest not in stored],
                stored=stored,
                reused=set(stored),
            )
            self._waiting.append(waiting)
            self._ask(waiting)
        self.settle(now)

    def settle(self, now: datetime) -> None:
        """Write down what was transferred, and freeze the bodies that are complete."""
        self._remember(self._hear(), now)
        complete = [waiting for waiting in self._waiting if waiting.complete]
        if not complete:
            return
        with transaction.atomic():
            for waiting in complete:
                if preparation.freeze(waiting.delivery, waiting.stored):
                    transfers.note_reuse(waiting.reused & waiting.stored.keys())
        self._waiting = [waiting for waiting in self._waiting if not waiting.complete]
        fault("delivery.frozen")

    def extend(self, now: datetime) -> None:
        if self._waiting:
            preparation.extend((waiting.delivery for waiting in self._waiting), now)

    def cut(self) -> None:
        """End what is under way."""
        self._worker.cut()

    def close(self, now: datetime) -> None:
        """After cut(). What is not complete goes back to the queue as it was."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for waiting in self._waiting:
            waiting.cut = waiting.cut or bool(waiting.to_ask)
        try:
            self.settle(now)
            preparation.give_back(waiting.delivery for waiting in self._waiting)
        except DatabaseError as exc:
            logger.warning("What was to be transferred waits for the end of its lease: %s", exc)
        self._waiting.clear()

    def _hear(self) -> list[Fetched]:
        """What has come to an end, told to all who wait for it."""
        results = []
        while not self._finished.empty():
            result = self._finished.get()
            self._under_way.discard(result.source.digest)
            for waiting in self._waiting:
                waiting.hear(result)
            results.append(result)
        for waiting in self._waiting:
            self._ask(waiting)
        return results

    def _remember(self, results: list[Fetched], now: datetime) -> None:
        """Without this memory files are transferred once more, which is no reason to keep a
        webhook."""
        if not results:
            return
        fault("transfer.stored")
        try:
            transfers.remember((result for result in results if not result.cut), now)
        except DatabaseError as exc:
            logger.warning("%d transfers are not remembered: %s", len(results), exc)
        fault("transfer.remembered")

    def _ask(self, waiting: _Waiting) -> None:
        while waiting.to_ask and not waiting.cut and len(waiting.asked) < TRANSFERS_PER_DELIVERY:
            source = waiting.to_ask.pop(0)
            waiting.asked.add(source.digest)
            if source.digest in self._under_way:
                waiting.reused.add(source.digest)
                continue
            self._under_way.add(source.digest)
            self._pool.submit(self._transfer, source, waiting.delivery.message_id, waiting.ends)

    def _transfer(self, source: Source, message_id: str, ends: float) -> None:
        seconds = min(source.seconds, ends - time.monotonic())
        self._finished.put(self._worker.fetch(source, message_id, seconds))
        self._on_finished()
