"""The process behind runpoller: its threads, how they begin and in which order they end."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import connection

from configstore.declared import config_store
from configstore.documents import PollingConfig, ProcessingPrefs, RoutingRules, WebhookConfig
from configstore.store import ConfigStore, ConfigurationUnknown
from polling import pruning
from polling.mailboxes import Mailboxes
from polling.protocol.logs import ProtocolLogs
from polling.settled_elsewhere import SettledElsewhere
from polling.tally import TallyWriter
from runtime.stopping import Stop
from webhooks.alerts.watch import Watch
from webhooks.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

CONFIG_SECONDS = 2.0
# What decides about a mail; those of further mailboxes and endpoints are read by whoever has them.
ON_THE_WAY = (PollingConfig, ProcessingPrefs, WebhookConfig, RoutingRules)
# Less than the 20 seconds in which the process has to be gone.
DRAIN_SECONDS = 10.0
LAST_RESORT_SECONDS = 18.0
EXIT_UNFINISHED = 70
# No step of a poller takes that long: all that it waits for has a shorter limit.
SILENT_SECONDS = 600.0
LOOK_SECONDS = 5.0
# Whoever looks so late was frozen with all others (SIGSTOP, a paused container).
FROZEN_SECONDS = 60.0


class PassFailed(Exception):
    """Not every mailbox could be read; the message says which and why."""


class Supervisor:
    """Runs until its stop is set, then ends in order: no new work, what is under way, the
    acknowledgements, the connections, and the locks. The locks do not wait for requests that
    take long: those are safe by their own tokens, or sent again with their ids."""

    def __init__(self, stop: Stop, store: ConfigStore | None = None) -> None:
        self.stop = stop
        self.store = store or config_store()
        self.dispatcher = Dispatcher(
            self.store,
            stop,
            settings.DELIVERY_THREADS,
            on_settled=lambda ids: self.mailboxes.settled(ids),
            sources=lambda: self.mailboxes.sources(),
        )
        self.mailboxes = Mailboxes(self.store, stop, self.dispatcher.look)
        self.watch = Watch(self.store, stop)
        self.tally = TallyWriter()
        self._elsewhere = SettledElsewhere()
        self._protocols = ProtocolLogs()
        self._failed = ""

    def run(self) -> None:
        """Raises RuntimeError if a thread ended that should not have."""
        others = [
            self._start("configuration", self._watch_configuration),
            self._start("sharing", self.mailboxes.share),
            self._start("alerts", self.watch.run),
            self._start("journal", lambda: pruning.run(self.store, self.stop)),
            self._start("metrics", lambda: self.tally.run(self.stop)),
        ]
        dispatcher = self._start("dispatcher", self.dispatcher.run)
        self._look_after_pollers()
        self._end(dispatcher, others)
        if self._failed:
            raise RuntimeError(f"{self._failed} ended unexpectedly")

    def _look_after_pollers(self) -> None:
        """Until the stop."""
        looked_at = awake_since = time.monotonic()
        while not self.stop.wait(LOOK_SECONDS):
            now = time.monotonic()
            awake_since = now if now - looked_at > FROZEN_SECONDS else awake_since
            looked_at = now
            if now - awake_since >= SILENT_SECONDS:
                self._leave_if_deaf()

    def _end(self, dispatcher: threading.Thread, others: Sequence[threading.Thread]) -> None:
        logger.info("Stopping: finishing what is under way")
        last_resort = threading.Timer(LAST_RESORT_SECONDS, self._leave)
        last_resort.daemon = True
        last_resort.start()
        self.watch.cut()
        handover = self._start("handover", self.mailboxes.hand_over)
        dispatcher.join()
        self.dispatcher.drain(DRAIN_SECONDS)
        self.mailboxes.drained.set()
        for thread in (handover, *others):
            thread.join()
        self.tally.write()
        self._protocols.close()
        last_resort.cancel()

    def run_once(self) -> None:
        """One pass: read what is there, send what is due, acknowledge it.

        Raises PassFailed, after the other mailboxes have had theirs, and ConfigurationUnknown.
        """
        self._protocols.look()
        try:
            faults = self.mailboxes.pass_once(self._start)
            self.dispatcher.run_until_idle()
            self.watch.look()
        finally:
            self.dispatcher.drain(DRAIN_SECONDS)
            self.mailboxes.leave()
            self.tally.write()
            self._protocols.close()
        if faults:
            raise PassFailed("; ".join(faults))

    def _leave(self) -> None:
        """Nothing may keep the process beyond the time that a platform gives it: what is not
        finished is safe in the database and the mailboxes."""
        logger.error("Something does not end; leaving without waiting for it")
        self.mailboxes.release()
        os._exit(EXIT_UNFINISHED)

    def _leave_if_deaf(self) -> None:
        """A poller that is stuck is alive for everybody else: the platform starts us again."""
        if silent := self.mailboxes.silent_for(SILENT_SECONDS):
            logger.error(
                "The poller of mailbox %s has not got on for %.0f s",
                ", ".join(silent),
                SILENT_SECONDS,
            )
            self._leave()

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
        while True:
            if self._configuration_changed():
                self.mailboxes.wake()
                self.dispatcher.look()
                self.watch.wake.set()
            self._protocols.look()
            self.mailboxes.adjust(self._start)
            if settled := self._elsewhere.news(self.mailboxes.identities()):
                self.mailboxes.settled(settled)
            if self.stop.wait(CONFIG_SECONDS):
                return

    def _configuration_changed(self) -> bool:
        """Also reads, while the stores can be asked, what the first mail will need."""
        for kind in ON_THE_WAY:
            with contextlib.suppress(ConfigurationUnknown):
                self.store.get(kind)
        try:
            return self.store.refresh()
        except ConfigurationUnknown:
            return False
        except Exception:
            logger.exception("The configuration cannot be read; the last good one stays")
            return False
