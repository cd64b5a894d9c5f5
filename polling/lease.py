"""The term of a poller: when it may work, by which lock, and when it has to stop."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Callable

from configstore.fields import DEFAULT_MAILBOX
from polling.fleet import Elsewhere
from polling.lock import FileLock, RedisLock
from polling.lock_value import in_short
from polling.term import HeldBy, Term
from runtime.clock import boot_time
from runtime.redis import REDIS_ERRORS

logger = logging.getLogger(__name__)

# Of who waits: with what the holder needs for its goodbye it is at work within six seconds.
RETRY_SECONDS, RETRY_JITTER = 0.7, 0.3
# Of who has the file, or nothing, while Redis is away.
RETURN_SECONDS = 4.0
# From one tick to the next: without a term; at most; while another is seen to hold it, at most.
TICK_SECONDS, CALM_SECONDS, HELD_SECONDS = 0.5, 2.0, 5.0
NOT_RELEASED = "BG_POLLER: The lock could not be released (%s); it lapses in %g s"
TAKEN_AWAY = "it was deleted or taken by somebody else"


class Lease:
    """The right to work on one mailbox, kept up by tick() and asked for by term() or valid().

    With Redis: its lock, renewed every sixth of its time to live. Two thirds without a renewal end
    the term, counted from before the last success was asked for; so does an operator who deletes
    or overwrites the key, as saw() tells. Without Redis, or while it cannot be reached: the file
    lock. When Redis is back its lock is taken before anything else is done, or the term ends.
    on_change is called when the term begins or ends, elsewhere before a lock in Redis is tried.
    """

    def __init__(
        self,
        mailbox: str,
        redis_lock: Callable[[], RedisLock] | None,
        file_lock: FileLock,
        ttl: float,
        on_change: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = boot_time,
        elsewhere: Callable[[], Elsewhere | None] = lambda: None,
    ) -> None:
        self.mailbox = mailbox
        self._term: Term | None = None
        self._make_redis_lock = redis_lock
        self._redis: RedisLock | None = None
        # The lock of a try whose answer was lost: it may be held already.
        self._tried: RedisLock | None = None
        # What we left in Redis when we could not renew it, "" for nothing.
        self._former = ""
        self._taken_at = self._next = self._foreign_until = 0.0
        self._file = file_lock
        self._ttl = ttl
        self._on_change = on_change
        self._clock = clock
        self._elsewhere = elsewhere
        self._lock = threading.Lock()
        self._released = self._held_elsewhere = False
        self._waiting_for = ""
        self._rng = random.Random()  # noqa: S311  # jitter, not a secret

    def term(self) -> Term | None:
        """The term in which work may be done now. Cheap; to be asked before each mail and mark."""
        term = self._term
        return term if term is None or self._clock() < self._end_of(term) else None

    def valid(self) -> bool:
        return self.term() is not None

    @property
    def held_by(self) -> HeldBy:
        term = self._term
        return HeldBy.NOTHING if term is None else term.held_by

    def due_in(self) -> float:
        """In how many seconds tick() is to be called again, unless it is seen to be free before."""
        term, now = self._term, self._clock()
        if term is None:
            return min(HELD_SECONDS, self._ttl / 6) if self._held_elsewhere else TICK_SECONDS
        return max(0.1, min(now + CALM_SECONDS, self._end_of(term), self._next) - now)

    def _end_of(self, term: Term) -> float:
        return term.confirmed + self._ttl * 2 / 3 if term.held_by is HeldBy.REDIS else float("inf")

    def tick(self) -> None:
        """Do what is due: acquire, renew, return to Redis. To be called again after due_in()."""
        with self._lock:
            if not self._released:
                self._tick()

    def _tick(self) -> None:
        now, term = self._clock(), self._term
        if term is not None and not self.valid():
            self._former = term.name
            self._end("it could not be renewed in time")
            term = None
        if now < self._next:
            return
        if term is None:
            self._acquire(now)
        elif term.held_by is HeldBy.REDIS:
            self._renew(term, now)
        else:
            self._return_to_redis(now)

    def release(self) -> None:
        """End the term, the last one, and let others have it at once. From any thread, when all
        work has ended: what has not is as if the term was lost."""
        with self._lock:
            self._released = True
            held_by, self._term = self.held_by, None
            if held_by is HeldBy.FILE:
                self._file.release()
            mine = self._redis if held_by is HeldBy.REDIS else None
            for lock in filter(None, (mine, self._tried)):
                self._release(lock)

    def _release(self, lock: RedisLock) -> None:
        try:
            lock.release()
        except REDIS_ERRORS as exc:
            logger.warning(NOT_RELEASED, type(exc).__name__, self._ttl)

    def saw(self, value: str, at: float) -> None:
        """What the key was when it was asked for, at that moment of the clock. An operator may
        delete or overwrite it: the next one then has it long before our renewal."""
        with self._lock:
            term = self._term
            if term is None or term.held_by is not HeldBy.REDIS:
                return
            if at > self._taken_at and value != term.name:
                self._end(TAKEN_AWAY)

    def _acquire(self, now: float) -> None:
        other = self._elsewhere()
        self._held_elsewhere = other is not None and other.held
        if other:
            self._foreign_until = max(self._foreign_until, now + self._ttl if other.held else 0.0)
            self._wait_for(other.sentence)
            return
        self._next = now + RETRY_SECONDS + self._rng.uniform(0, RETRY_JITTER)
        if self._make_redis_lock is not None:
            try:
                if self._take_redis(now):
                    return
            except REDIS_ERRORS as exc:
                self._next = now + RETURN_SECONDS + self._rng.uniform(0, RETRY_JITTER)
                # Whoever held it a moment ago may still be at work.
                if now < self._foreign_until:
                    self._wait_for(f"Redis cannot be asked ({type(exc).__name__})")
                    return
            else:
                self._foreign_until = now + self._ttl
                return
        self._take_file()

    def _take_redis(self, now: float) -> bool:
        if self._make_redis_lock is None:
            return False
        lock = self._tried = self._tried or self._make_redis_lock()
        taken = lock.acquire(self._former)
        self._tried = None
        if not taken:
            holder = in_short(lock.holder()) or "somebody who just let go"
            self._wait_for(f"it is held by {holder}")
            return False
        self._redis = lock
        self._next = now + self._ttl / 6
        self._former = ""
        self._taken_at = self._clock()
        self._begin(Term(HeldBy.REDIS, now, name=lock.value, follows=lock.follows))
        logger.info(
            "BG_POLLER: Singleton lock acquired (Redis) pid=%d%s", os.getpid(), self._suffix()
        )
        return True

    def _take_file(self) -> None:
        try:
            taken = self._file.acquire()
        except OSError as exc:
            self._wait_for(f"the lock file cannot be used: {exc}")
            return
        if not taken:
            self._wait_for("the lock file is held by another process")
            return
        alone = self._make_redis_lock is None
        self._begin(Term(HeldBy.FILE, self._clock(), alone=alone))
        logger.warning(
            "BG_POLLER: Using file-based lock (unsafe for multi-container deployments)%s",
            self._suffix(),
        )

    def _renew(self, term: Term, now: float) -> None:
        if self._redis is None:
            return
        try:
            mine = self._redis.renew()
        except REDIS_ERRORS as exc:
            self._next = now + min(5.0, self._ttl / 12)
            what = f"it could not be renewed ({type(exc).__name__}); trying again"
            self._wait_for(what, logging.WARNING)
            return
        if not mine:
            self._end(TAKEN_AWAY)
            return
        term.confirmed = now
        self._next = now + self._ttl / 6
        self._waiting_for = ""

    def _return_to_redis(self, now: float) -> None:
        if self._make_redis_lock is None:
            self._next = now + 3600
            return
        self._next = now + RETURN_SECONDS
        try:
            taken = self._take_redis(now)
        except REDIS_ERRORS:
            return
        self._file.release()
        if not taken:
            self._end("Redis is back and another poller holds its lock")

    def _begin(self, term: Term) -> None:
        self._term = term
        self._waiting_for = ""
        self._on_change()

    def _end(self, why: str) -> None:
        """Stop at once. Nothing is deleted: it may be somebody else's by now."""
        self._term = None
        self._redis = None
        self._next = 0.0
        logger.warning("BG_POLLER: Singleton lock lost: %s%s", why, self._suffix())
        self._on_change()

    def _wait_for(self, what: str, level: int = logging.INFO) -> None:
        if what != self._waiting_for:
            self._waiting_for = what
            logger.log(level, "BG_POLLER: Waiting for the lock: %s%s", what, self._suffix())

    def _suffix(self) -> str:
        return "" if self.mailbox == DEFAULT_MAILBOX else f" mailbox={self.mailbox}"
