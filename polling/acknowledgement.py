"""The marks in the mailbox on what is settled: when it is announced, and from time to time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from django.db.models import QuerySet
from django.utils import timezone

from configstore.documents import PollingConfig
from polling import custody
from polling.chunks import chunks, pages
from polling.models import Mail, MailState
from polling.session import Session
from runtime.faults import fault
from webhooks import journal

ROWS_PER_QUERY = 500
SWEEP_SECONDS = 60.0


class Acknowledgement:
    """rows are those of the mailbox in these states, under its present numbering."""

    def __init__(
        self,
        config: Callable[[], PollingConfig],
        rows: Callable[..., QuerySet[Mail]],
        lease_valid: Callable[[], bool],
    ) -> None:
        self._config = config
        self._rows = rows
        self._lease_valid = lease_valid
        self._lock = threading.Lock()
        self._announced: set[str] = set()
        self._next_sweep = 0.0

    def opened(self) -> None:
        """What could not be marked on the last session is to be marked on this one."""
        self._next_sweep = 0.0

    def announce(self, message_ids: set[str]) -> None:
        """From any thread: these messages are settled."""
        with self._lock:
            self._announced |= message_ids

    def pending(self) -> bool:
        return bool(self._announced)

    def mark(self, session: Session, everything: bool) -> None:
        """Raises MailboxTrouble. However much waits, little of it is in memory at a time."""
        for page in self._settled(everything):
            if self._lease_valid():
                self._mark(session, dict(page))

    def _settled(self, everything: bool) -> Iterator[list[tuple[int, str]]]:
        with self._lock:
            announced, self._announced = self._announced, set()
        rows = self._rows(MailState.RELAYED)
        if everything or time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_SECONDS
            rows = rows.exclude(journal.has_open("message_id"))
            yield from pages(rows, ROWS_PER_QUERY, "uid", "message_id")
            return
        for names in chunks(sorted(announced), ROWS_PER_QUERY):
            yield from pages(rows.filter(message_id__in=names), ROWS_PER_QUERY, "uid", "message_id")

    def _mark(self, session: Session, by_uid: dict[int, str]) -> None:
        outcome = journal.settled(set(by_uid.values()))
        done = {uid: outcome[name] for uid, name in by_uid.items() if name in outcome}
        if not done:
            return
        delivered = [uid for uid, well in done.items() if well]
        dead = [uid for uid, well in done.items() if not well]
        if custody.acknowledge(session, delivered, dead, custody.after_relay(self._config())):
            fault("mail.marked")
            self._rows(MailState.RELAYED).filter(uid__in=list(done)).update(
                state=MailState.SETTLED, settled_at=timezone.now()
            )
