"""One mailbox that this process serves: its poller, its lease, and a thread for each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError

from configstore.store import ConfigStore
from polling.admission import shared_database
from polling.lease import Lease
from polling.lock import FileLock, RedisLock
from polling.poller import Poller
from polling.sharing import Sharing
from runtime.connections import drop_connection
from runtime.deadline import expire_thread
from runtime.redis import redis_client
from runtime.stopping import PartStop, Stop, Wake
from webhooks import journal

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 16.0
# What is under way belongs to a database of our own: whoever has the mailbox next would send it
# again. No request takes longer.
PATIENT_DRAIN_SECONDS = 330.0
DRAIN_SLICE_SECONDS = 0.2
Start = Callable[[str, Callable[[], None]], threading.Thread]


class NotOurs(Exception):
    """Somebody else has the right to work on the mailbox."""


class ServedMailbox:
    """Nothing that this mailbox or its lock has to wait for is waited for by another one.

    It ends by itself, after end() or the stop of the process: no new work, what is under way,
    the acknowledgements, the connection, and the lock last.
    """

    def __init__(
        self,
        name: str,
        store: ConfigStore,
        stop: Stop,
        on_enqueued: Callable[[], None],
        sharing: Sharing,
    ) -> None:
        self.name = name
        self._stop = stop
        self._ending = PartStop(stop)
        self._wake = stop.attach(Wake())
        self.lease = build_lease(name, self._wake.set, sharing)
        self.poller = Poller(self.lease, store, self._ending, self._wake, on_enqueued)
        self.drained = threading.Event()
        self._idle = threading.Event()
        self._nudged = threading.Event()
        self._keeper: threading.Thread | None = None
        self._server: threading.Thread | None = None

    def start(self, start: Start) -> None:
        self._keeper = start(f"lease-{self.name}", self._keep_lease)
        self._server = start(f"mailbox-{self.name}", self._serve)

    def may_deliver(self) -> bool:
        return self.poller.admission.open and not self._ending

    def wake(self) -> None:
        self._wake.set()

    def nudge(self) -> None:
        """Its lock is worth a try at once."""
        self._nudged.set()

    def end(self, why: str) -> None:
        """Begin to end; ended() tells when that is done."""
        if not self._ending:
            logger.info("Mailbox %s %s; its work ends here", self.name, why)
            self._ending.set()
            self._wake.set()

    @property
    def ending(self) -> bool:
        return bool(self._ending)

    def ended(self) -> bool:
        return self._server is not None and not self._server.is_alive()

    def silent_for(self) -> float:
        """The seconds in which its poller should have got on and did not."""
        return self.poller.pulse.silent_for()

    def join(self, seconds: float | None = None) -> None:
        if self._server is not None:
            self._server.join(seconds)

    def cut(self) -> None:
        """End what its poller waits for; nothing of it is waited for any more."""
        self.drained.set()
        if self._server is not None and self._server.ident is not None and not self.ended():
            expire_thread(self._server.ident)

    def forget(self) -> None:
        self._stop.detach(self._wake)

    def pass_once(self, start: Start) -> None:
        """Without start(). Raises NotOurs, NotSetUp, MailboxTrouble and ConfigurationUnknown."""
        self.lease.tick()
        if not self.lease.valid():
            raise NotOurs(f"another poller holds the lock of mailbox {self.name}; it does the work")
        self._keeper = start(f"lease-{self.name}", self._keep_lease)
        self.poller.pass_once()

    def leave(self) -> None:
        """Acknowledge what can be, close, and let others have the mailbox."""
        try:
            self.poller.farewell()
        finally:
            self._idle.set()
            self._nudged.set()
            if self._keeper is not None:
                self._keeper.join()
            self.lease.release()

    def _serve(self) -> None:
        try:
            self.poller.run()
            self._drain()
        finally:
            self.leave()

    def _drain(self) -> None:
        """The session stays open until what is under way has ended."""
        patient = not (self._stop or shared_database())
        ends = time.monotonic() + (PATIENT_DRAIN_SECONDS if patient else DRAIN_SECONDS)
        while not self.drained.wait(DRAIN_SLICE_SECONDS) and time.monotonic() < ends:
            # With the stop of the process, its dispatcher knows better than the database.
            if not self._stop and not self._under_way():
                return

    def _under_way(self) -> bool:
        try:
            return journal.under_way(self.name)
        except DatabaseError as exc:
            logger.warning("The deliveries under way are not known: %s", exc)
            drop_connection()
            return True

    def _keep_lease(self) -> None:
        while True:
            self._nudged.clear()
            if self._idle.is_set():
                return
            try:
                self.lease.tick()
            except Exception:
                logger.exception("The lock cannot be kept up; without it the work ends")
            self._nudged.wait(self.lease.due_in())


def build_lease(mailbox: str, on_change: Callable[[], None], sharing: Sharing) -> Lease:
    client = redis_client()
    ttl = float(settings.REDIS_LOCK_TTL_SECONDS)
    return Lease(
        mailbox,
        None if client is None else lambda: RedisLock(client, mailbox, ttl),
        FileLock(settings.BG_POLLER_LOCK_FILE, mailbox),
        ttl,
        on_change,
        elsewhere=lambda: sharing.elsewhere(mailbox),
    )
