"""The process behind runpoller: its threads, how they begin and in which order they end."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from configstore.declared import config_store
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import DEFAULT
from polling.lease import Lease
from polling.lock import FileLock, RedisLock
from polling.poller import Poller
from runtime.deadline import expire_all
from runtime.redis import redis_client
from runtime.stopping import Stop, Wake
from webhooks.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

CONFIG_SECONDS = 2.0
LEASE_SECONDS = 0.5
# Together less than the 20 seconds in which the process has to be gone.
DRAIN_SECONDS = 10.0
FAREWELL_SECONDS = 4.0
LAST_RESORT_SECONDS = 18.0
EXIT_UNFINISHED = 70


class NotOurs(Exception):
    """Somebody else has the right to work on the mailbox."""


class Supervisor:
    """Runs until its stop is set, then ends in order: no new work, what is under way, the
    acknowledgements, the connections, and the lock last."""

    def __init__(self, stop: Stop, store: ConfigStore | None = None) -> None:
        self.stop = stop
        self.store = store or config_store()
        wake = stop.attach(Wake())
        self.lease = build_lease(DEFAULT, wake.set)
        self.dispatcher = Dispatcher(
            self.store,
            stop,
            settings.DELIVERY_THREADS,
            on_settled=lambda ids: self.poller.settled(ids),
            sources=self._sources,
        )
        self.poller = Poller(self.lease, self.store, stop, wake, self.dispatcher.wake.set)
        self._idle = threading.Event()
        self._failed = ""

    def run(self) -> None:
        """Raises RuntimeError if a thread ended that should not have."""
        drained = threading.Event()
        self.lease.tick()
        configuration = self._start("configuration", self._watch_configuration)
        keeper = self._start("lease", self._keep_lease)
        mailbox = self._start("mailbox-" + DEFAULT, lambda: self.poller.run(drained))
        dispatcher = self._start("dispatcher", self.dispatcher.run)
        while not self.stop.wait(3600):
            continue
        logger.info("Stopping: finishing what is under way")
        last_resort = threading.Timer(LAST_RESORT_SECONDS, self._leave)
        last_resort.daemon = True
        last_resort.start()
        dispatcher.join()
        self.dispatcher.drain(DRAIN_SECONDS)
        drained.set()
        mailbox.join(FAREWELL_SECONDS)
        expire_all()  # a server that says nothing is not waited for
        mailbox.join()
        self._give_up_lease(keeper)
        configuration.join()
        last_resort.cancel()
        if self._failed:
            raise RuntimeError(f"{self._failed} ended unexpectedly")

    def run_once(self) -> None:
        """One pass: read what is there, send what is due, acknowledge it.

        Raises MailboxTrouble, ConfigurationUnknown, or NotOurs while another poller works.
        """
        self.lease.tick()
        if not self.lease.valid():
            raise NotOurs("another poller holds the lock of this mailbox; it does the work")
        keeper = self._start("lease", self._keep_lease)
        try:
            self.poller.pass_once()
            self.dispatcher.run_until_idle()
        finally:
            self.dispatcher.drain(DRAIN_SECONDS)
            self.poller.farewell()
            self._give_up_lease(keeper)

    def _leave(self) -> None:
        """Nothing may keep the process beyond the time that a platform gives it: what is not
        finished is safe in the database and the mailbox."""
        logger.error("Something does not end; leaving without waiting for it")
        self.lease.release()
        os._exit(EXIT_UNFINISHED)

    def _give_up_lease(self, keeper: threading.Thread) -> None:
        """Last of all: from now on somebody else may work on the mailbox."""
        self._idle.set()
        keeper.join()
        self.lease.release()

    def _start(self, name: str, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._guarded, args=(target,), name=name)
        thread.start()
        return thread

    def _guarded(self, target: Callable[[], None]) -> None:
        """A thread that dies takes the process with it: half dead is worse than restarted."""
        try:
            target()
        except Exception:
            self._failed = threading.current_thread().name
            logger.exception("%s ended unexpectedly; stopping", self._failed)
            self.stop.set()
        finally:
            connection.close()

    def _watch_configuration(self) -> None:
        self.store.watched = True
        while not self.stop.wait(CONFIG_SECONDS):
            try:
                changed = self.store.refresh()
            except ConfigurationUnknown:
                continue
            except Exception:
                logger.exception("The configuration cannot be read; the last good one stays")
                continue
            if changed:
                self.poller.wake.set()
                self.dispatcher.wake.set()

    def _keep_lease(self) -> None:
        while not self._idle.wait(LEASE_SECONDS):
            try:
                self.lease.tick()
            except Exception:
                logger.exception("The lock cannot be kept up; without it the work ends")

    def _sources(self) -> list[str] | None:
        """Whose deliveries may be sent from here. A database of our own may hold what another
        poller has sent since: only the holder of the lock, who has looked, sends it. A shared
        database says itself what is sent, so everybody sends everything."""
        if connection.vendor != "sqlite":
            return None
        return [DEFAULT] if self.poller.open and self.lease.valid() else []


def build_lease(mailbox: str, on_change: Callable[[], None]) -> Lease:
    client = redis_client()
    ttl = float(settings.REDIS_LOCK_TTL_SECONDS)
    return Lease(
        mailbox,
        None if client is None else lambda: RedisLock(client, mailbox, ttl),
        FileLock(settings.BG_POLLER_LOCK_FILE, mailbox),
        ttl,
        on_change,
    )
