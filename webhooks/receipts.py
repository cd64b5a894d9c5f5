"""What receivers have accepted, remembered beside the database.

With the disk goes the knowledge of what was delivered and is not marked in the mailbox yet.
Redis may still have it: a hit saves a repeat, a miss proves nothing, and a Redis that is away
makes no difference but that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from redis import Redis

from runtime.redis import REDIS_ERRORS, redis_client

logger = logging.getLogger(__name__)

KEPT = timedelta(days=7)
# One command for all of them: packing one for each costs more than everything else here.
NOTE = "for _, key in ipairs(KEYS) do redis.call('SET', key, 1, 'EX', ARGV[1]) end"
AWAY_SECONDS = 30.0
T = TypeVar("T")


class Receipts:
    """For one thread. A Redis that does not answer is left alone for a while: neither mails nor
    deliveries wait for it one after the other."""

    def __init__(self) -> None:
        self._away_until = 0.0
        self._said = False

    def note(self, accepted: Sequence[tuple[str, str]]) -> None:
        """The addresses with these fingerprints have accepted what has that webhook-id."""
        if accepted:
            self._ask(lambda redis: _write(redis, accepted), None)

    def known(self, address: str, webhook_ids: Sequence[str]) -> set[str]:
        """Of these the ones that the address with this fingerprint has accepted, as far as is
        remembered."""
        if not webhook_ids:
            return set()
        return self._ask(lambda redis: _read(redis, address, webhook_ids), set())

    def _ask(self, action: Callable[[Redis], T], otherwise: T) -> T:
        client = redis_client()
        if client is None or time.monotonic() < self._away_until:
            return otherwise
        try:
            answer = action(client)
        except REDIS_ERRORS as exc:
            self._away_until = time.monotonic() + AWAY_SECONDS
            if not self._said:
                logger.warning(
                    "Redis cannot be asked (%s): what is delivered is remembered by the database "
                    "and the mailbox alone",
                    type(exc).__name__,
                )
            self._said = True
            return otherwise
        self._said = False
        return answer


def receipt_key(address: str, webhook_id: str) -> str:
    """Another address has not had it."""
    return f"render_signal:delivered:{address}:{webhook_id}"


def _write(redis: Redis, accepted: Sequence[tuple[str, str]]) -> None:
    keys = [receipt_key(address, webhook_id) for address, webhook_id in accepted]
    redis.eval(NOTE, len(keys), *keys, int(KEPT.total_seconds()))


def _read(redis: Redis, address: str, webhook_ids: Sequence[str]) -> set[str]:
    found = redis.mget([receipt_key(address, name) for name in webhook_ids])
    return {name for name, value in zip(webhook_ids, found, strict=True) if value is not None}
