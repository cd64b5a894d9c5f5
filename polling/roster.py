"""The pollers that are at work, as they sign in with Redis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from redis import Redis

from polling.lock import redis_key
from polling.lock_value import holder_value, process_of, value_text

# A poller that has not signed in for so long is frozen or dead.
SIGNED_IN_SECONDS = 6.0
# A poller that is well does so more often than this.
LATE_SECONDS = 3.5
# KEYS[1] the roster, ARGV[1] who signs in, ARGV[2] the milliseconds for which that counts. By
# the clock of Redis: those of the containers may differ. The time, and everybody who is signed in,
# each with the time of that.
SIGN_IN = """
local time = redis.call("time")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("zremrangebyscore", KEYS[1], "-inf", now - ARGV[2])
redis.call("zadd", KEYS[1], now, ARGV[1])
redis.call("pexpire", KEYS[1], ARGV[2])
return {now, redis.call("zrange", KEYS[1], 0, -1, "withscores")}
"""


class Signed(NamedTuple):
    """Who is at work, this process included, whether one of them has not been heard of for longer
    than it should, and the value of the lock of each mailbox, "" if it is free."""

    pollers: frozenset[str]
    late: bool
    values: dict[str, str]


class Roster:
    """Its methods raise REDIS_ERRORS if Redis cannot be asked. me is this process."""

    def __init__(self, client: Redis, me: str = "", key: str = "") -> None:
        self._client = client
        self._key = key or f"{settings.REDIS_LOCK_KEY}_pollers"
        self.me = me or process_of(holder_value())

    def sign_in(self, mailboxes: Sequence[str]) -> Signed:
        """One round trip."""
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.eval(SIGN_IN, 1, self._key, self.me, round(SIGNED_IN_SECONDS * 1000))
            pipeline.mget([redis_key(name) for name in mailboxes])
            (now, found), values = pipeline.execute()
        seen = dict(zip(map(value_text, found[::2]), map(float, found[1::2]), strict=True))
        return Signed(
            pollers=frozenset(seen),
            late=any(now - at > LATE_SECONDS * 1000 for at in seen.values()),
            values={name: value_text(value) for name, value in zip(mailboxes, values, strict=True)},
        )

    def signed_in(self) -> dict[str, float]:
        """Who is at work, and how many seconds ago each has signed in. Signs nobody in."""
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.time()
            pipeline.zrange(self._key, 0, -1, withscores=True)
            (seconds, microseconds), found = pipeline.execute()
        now = seconds + microseconds / 1_000_000
        ages = {value_text(process): now - at / 1000 for process, at in found}
        return {process: age for process, age in ages.items() if age <= SIGNED_IN_SECONDS}

    def sign_out(self) -> None:
        self._client.zrem(self._key, self.me)
