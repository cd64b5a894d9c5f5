"""The loop that moves deliveries from the outbox to their endpoints."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import Error as DatabaseError

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.store import ConfigStore, ConfigurationUnknown
from runtime.clock import passed
from runtime.connections import drop_connection
from runtime.database_clock import database_clock
from runtime.faults import fault
from runtime.stopping import Stop, Wake
from webhooks import outbox
from webhooks.client import Client
from webhooks.endpoints import Endpoint
from webhooks.follow_up import FollowUp
from webhooks.holds import room
from webhooks.offload import Offload
from webhooks.report import Report, tell_failures, tell_unfinished
from webhooks.retry import schedule
from webhooks.sending import Sending
from webhooks.settlement import Finished, settle
from webhooks.survey import AGAIN_SECONDS, Survey
from webhooks.thread_share import claims_ahead, free_threads

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 2.0
EXTEND_SECONDS = 3.0
LONGEST_SLEEP = 1.0
DATABASE_PAUSE = 2.0
# Where an endpoint answers so soon after the claim, claims wait for threads, not they for claims.
SOON_SECONDS = 1.0


class Dispatcher:
    """Claims what is due, sends it from a few threads, settles what they bring back: one thread
    does both, so that tries which finish together are settled in one transaction. Few requests
    are under way at once: each of them is a possible repeat if the process is killed. on_settled
    is told the ids of messages that are settled; sources limits whose deliveries are sent, None is
    everybody's; pool is what sends them.
    """

    def __init__(
        self,
        store: ConfigStore,
        stop: Stop,
        threads: int,
        on_settled: Callable[[set[str]], None],
        sources: Callable[[], Collection[str] | None] = lambda: None,
        client: Client | None = None,
        pool: Executor | None = None,
    ) -> None:
        self.wake = stop.attach(Wake())
        self._store = store
        self._stop = stop
        self._sources = sources
        self._sending = Sending(client or Client(), threads, self.wake.set, sources, pool)
        self._offload = Offload(self.look)
        self._swept_at: datetime | None = None
        self._extended_at: datetime | None = None
        self._rng = random.Random()  # noqa: S311  # jitter, not a secret
        self._report = Report()
        self._follow_up = FollowUp(on_settled)
        self._delays = schedule(0, 0)
        self._survey = Survey(store)
        self._busy: set[str] = set()  # they had something to claim, and may have more
        self._ready: set[str] = set()
        self._untroubled: set[str] = set()
        self._several = False
        # Endpoints that have accepted, soon after the claim, what was settled last.
        self._quick: set[str] = set()
        self._turn = 0

    def look(self) -> None:
        """Something may be due that was not a moment ago. From any thread."""
        self._survey.forget()
        self.wake.set()

    def run(self) -> None:
        """Until stopped. What is under way then is waited for by drain()."""
        while not self._stop:
            try:
                pause = self.step(database_clock.now())
            except ConfigurationUnknown:
                pause = LONGEST_SLEEP  # said by whoever watches the configuration
            except DatabaseError:
                logger.exception("The database failed; deliveries go on in %g s", DATABASE_PAUSE)
                drop_connection()
                pause = DATABASE_PAUSE
            except Exception:
                logger.exception("A fault in the dispatcher; it goes on in %g s", DATABASE_PAUSE)
                pause = DATABASE_PAUSE
            self.wake.wait(pause)

    def step(self, now: datetime) -> float:
        """Settle, sweep and claim once. How long there is nothing to do, in seconds."""
        prefs = self._store.get(ProcessingPrefs)
        self._delays = schedule(prefs.retry_count, prefs.retry_delay_sec)
        if not (settled := self._settle_finished()):
            self._survey.forget()
        self._offload.settle(now)
        self._keep_leases(now)
        self._turn += 1
        waits = [self._begin(endpoint, prefs, now) for endpoint in self._open_endpoints(now)]
        # What finishes, or is enqueued, wakes us; what others enqueue does not.
        return min([AGAIN_SECONDS if settled else LONGEST_SLEEP, *waits])

    def _begin(self, endpoint: Endpoint, prefs: ProcessingPrefs, now: datetime) -> float:
        """Claim what is due for this endpoint. How long it needs nothing, in seconds."""
        sources = self._sources()
        self._offload.begin(endpoint, now, sources)
        free = room(prefs, endpoint.id, now, self._free(endpoint))
        if not free:
            return LONGEST_SLEEP
        wait = 0.0 if endpoint.id in self._busy else self._due_in(endpoint, now, sources)
        if wait:
            return wait
        troubled = endpoint.id not in self._untroubled
        claims = outbox.claim(endpoint, free, now, sources, troubled=troubled)
        if not claims:
            self._busy.discard(endpoint.id)
            self._survey.forget_due(endpoint)
            return self._due_in(endpoint, now, sources) or LONGEST_SLEEP
        self._busy.add(endpoint.id)
        for claim in claims:
            fault("delivery.claimed")
            self._sending.begin(claim, endpoint)
        return LONGEST_SLEEP

    def _due_in(self, endpoint: Endpoint, now: datetime, sources: Collection[str] | None) -> float:
        """The seconds until something is due for this endpoint, at most so long."""
        due = self._survey.next_due(endpoint, sources)
        if due is None:
            return LONGEST_SLEEP
        return max(0.0, min(LONGEST_SLEEP, (due - now).total_seconds()))

    def _free(self, endpoint: Endpoint) -> int:
        threads = self._sending.threads
        if self._several:
            under_way = self._sending.by_endpoint()
            return free_threads(threads, under_way, endpoint.id, self._ready - {endpoint.id})
        if endpoint.id in self._quick:
            return claims_ahead(threads, len(self._sending))
        return max(0, threads - len(self._sending))

    def run_until_idle(self) -> None:
        """Send what is due now and wait for it; what has to be tried again later is left."""
        while True:
            self.step(database_clock.now())
            if self._stop or not (self._sending or self._offload.busy):
                self._follow_up.wait()
                return
            self.wake.wait(LONGEST_SLEEP)

    def drain(self, seconds: float) -> None:
        """After the stop: give what is under way so long, then cut it; settle it either way.
        Files can be transferred by somebody else: that is cut at once."""
        fault("stop.draining")
        self._offload.cut()
        self._sending.open(())
        self._sending.give_back()
        ends = time.monotonic() + seconds
        while self._sending and time.monotonic() < ends:
            self.wake.wait(0.1)
            self._settle_at_the_end()
        if self._sending:
            fault("stop.limit")
            self._sending.cut()
        self._sending.close()
        self._settle_at_the_end()
        self._offload.close(database_clock.known())
        self._follow_up.close()

    def _settle_at_the_end(self) -> None:
        """A database that is away may come back in time; what is not settled is sent again."""
        try:
            self._settle_finished()
            self._sending.give_back()
            self._keep_leases(database_clock.known())
        except DatabaseError as exc:
            logger.warning("The database failed while deliveries end: %s", exc)
            drop_connection()

    def _keep_leases(self, now: datetime) -> None:
        """Extend our own leases, and take back what others have let lapse."""
        if passed(self._extended_at, EXTEND_SECONDS, now):
            self._extended_at = now
            if self._sending:
                outbox.extend(self._sending.claims, now)
            self._offload.extend(now)
        if passed(self._swept_at, SWEEP_SECONDS, now):
            self._swept_at = now
            tell_unfinished(outbox.sweep(now))

    def _open_endpoints(self, now: datetime) -> list[Endpoint]:
        """Those that nothing holds; each is the first in its turn."""
        zone = self._zone()
        found = self._survey.destinations(zone, now)
        self._several = len(found) > 1
        ready = [each.endpoint for each in found if each.endpoint and not each.pause]
        self._ready = {endpoint.id for endpoint in ready}
        self._untroubled = {each.name for each in found if not each.troubled}
        self._sending.open(ready)
        self._sending.give_back()
        for destination in found:
            self._report.destination(destination, zone)
        first = self._turn % len(ready) if ready else 0
        return ready[first:] + ready[:first]

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._store.get(PollingConfig).timezone)

    def _settle_finished(self) -> bool:
        """Whether there was anything."""
        finished = self._sending.finished()
        if not finished:
            return False
        try:
            done = settle(finished, self._delays, self._rng, self._untroubled)
        except DatabaseError:
            self._sending.put_back(finished)  # the next step tries again
            raise
        fault("delivery.settled")
        self._follow_up.remember(finished)
        self._sending.settled(finished)
        self._look_ahead(finished)
        self._follow_up.begin(finished, done)
        tell_failures([item for item in finished if not item.result.delivered], self._zone())
        return True

    def _look_ahead(self, finished: Sequence[Finished]) -> None:
        tried = {item.endpoint.id for item in finished}
        failing = {item.endpoint.id for item in finished if not item.result.delivered}
        for name in failing:
            self._sending.shut(name)  # it need not fail with each of them
        self._untroubled -= failing
        if tried - self._untroubled:
            self._survey.forget()
        slow = {item.endpoint.id for item in finished if item.claim.age >= SOON_SECONDS}
        self._quick = tried - failing - slow
        self._sending.give_back()
