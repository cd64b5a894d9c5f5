"""The client of the cache: a Redis that keeps us waiting is not waited for again at once.

A page asks the cache many times; without this a Redis that is frozen would cost it as many
time limits.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import ConnectionError, Redis, TimeoutError

logger = logging.getLogger(__name__)
LEFT_ALONE_SECONDS = 5.0


class Gate:
    """Shut for some seconds by a time limit that was reached. Then one caller tries, while the
    others still are refused."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._opens_at: float | None = None

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Raises redis.ConnectionError while it is shut."""
        self._enter()
        try:
            yield
        except TimeoutError:
            self._shut()
            raise
        if self._opens_at is not None:
            self._opens_at = None
            logger.info("Redis answers again: sessions and the throttle use it")

    def _enter(self) -> None:
        with self._lock:
            if self._opens_at is None:
                return
            now = self._monotonic()
            if now < self._opens_at:
                raise ConnectionError("Redis has not answered a moment ago")
            self._opens_at = now + LEFT_ALONE_SECONDS

    def _shut(self) -> None:
        with self._lock:
            known = self._opens_at is not None
            self._opens_at = self._monotonic() + LEFT_ALONE_SECONDS
        if not known:
            logger.warning(
                "Redis does not answer: sessions are read from the database and failed logins are "
                "counted by each process, until it does"
            )


# One for the process: all its threads share the Redis of the cache.
gate = Gate()


class CacheRedis(Redis):
    """As django-redis makes it."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with gate.passed():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's
