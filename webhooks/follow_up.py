"""What follows on the settling of tries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from runtime.faults import fault
from webhooks.receipts import Receipts
from webhooks.report import tell_delivered
from webhooks.settlement import Finished

logger = logging.getLogger(__name__)


class FollowUp:
    """Tells the mailboxes and the log, in the order in which it was settled, from a thread of its
    own. on_settled is told the ids of messages that are settled."""

    def __init__(self, on_settled: Callable[[set[str]], None]) -> None:
        self._on_settled = on_settled
        self._receipts = Receipts()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="follow-up")
        self._closed = False

    def remember(self, finished: Sequence[Finished]) -> None:
        """In Redis what was accepted, at once: before more is sent, for it may be all that is left
        of it."""
        accepted = [
            (to.fingerprint, claim.webhook_id) for claim, to, how, _ in finished if how.delivered
        ]
        self._receipts.note(accepted)
        fault("delivery.remembered")

    def begin(self, finished: Sequence[Finished], done: set[str]) -> None:
        """These tries are settled, and with them these messages."""
        self._thread.submit(self._guarded, finished, done)

    def wait(self) -> None:
        """Until all that was begun has been done."""
        self._thread.submit(connections.close_all).result()

    def close(self) -> None:
        """The same, for good."""
        if not self._closed:
            self._closed = True
            self.wait()
            self._thread.shutdown()

    def _guarded(self, finished: Sequence[Finished], done: set[str]) -> None:
        try:
            self._follow(finished, done)
        except Exception:
            logger.exception("A fault after deliveries were settled: they are marked later")

    def _follow(self, finished: Sequence[Finished], done: set[str]) -> None:
        if done:
            self._on_settled(done)
        tell_delivered([item for item in finished if item.result.delivered])
