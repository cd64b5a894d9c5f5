"""The locks that make a poller the only one: a key in Redis, or a file.

A lock is for efficiency and for people to see: that nothing is doubled is ensured by the
database's unique keys and claim tokens. It is written so that it rarely has to be.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import locks
from redis import Redis, ResponseError

from configstore.fields import DEFAULT_MAILBOX
from polling.lock_value import holder_value, in_short, is_dead, public_fields, value_text

logger = logging.getLogger(__name__)

# In place of the value of a key that is a list, a hash, … whoever made it holds the lock.
NO_STRING = "a non-string"
# KEYS[1] the lock, ARGV[1] the value seen. 1 if it was still that value and is deleted.
DELETE_IF_SAME = """
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0
"""
# KEYS[2] who had it last, ARGV[2] the time to live in milliseconds. 1 if it was still that value
# and both are extended.
EXTEND_IF_SAME = """
if redis.call("get", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("pexpire", KEYS[2], ARGV[2])
return redis.call("pexpire", KEYS[1], ARGV[2])
"""
# Who had it last is answered and replaced if the lock is still that value. It is not remembered
# for longer than the lock would be: Redis may have been away since, and somebody at work who has
# left no trace in it.
FOLLOW_IF_SAME = """
if redis.call("get", KEYS[1]) ~= ARGV[1] then return false end
local last = redis.pcall("get", KEYS[2])
redis.call("set", KEYS[2], ARGV[1], "px", ARGV[2])
return type(last) == "string" and last or ""
"""


def redis_key(mailbox: str) -> str:
    return _of_mailbox(settings.REDIS_LOCK_KEY, mailbox)


def last_key(mailbox: str) -> str:
    """Who had the lock last: with it a poller knows whether anybody else was at work since."""
    return _of_mailbox(f"{settings.REDIS_LOCK_KEY}_last", mailbox)


def _of_mailbox(key: str, mailbox: str) -> str:
    return key if mailbox == DEFAULT_MAILBOX else f"{key}:{mailbox}"


class RedisLock:
    """One key with a time to live. Its methods raise REDIS_ERRORS if Redis cannot be asked.

    follows is the value of whoever had it before us, once we have it; "" if that is not known,
    or was longer ago than the time to live.
    """

    def __init__(self, client: Redis, mailbox: str, ttl: float) -> None:
        self._client = client
        self._key = redis_key(mailbox)
        self._last_key = last_key(mailbox)
        self.follows = ""
        self._milliseconds = round(ttl * 1000)
        self.value = holder_value()

    def acquire(self, former: str = "") -> bool:
        """One SET NX PX, after a look. A lock whose holder is known to be dead is taken over, and
        so is former: what we left behind when it could not be renewed."""
        if held := self.holder():
            if held == self.value:  # the answer to a former try was lost
                return self.renew() and self._follow()
            if held != former and not is_dead(held):
                return False
            self._client.eval(DELETE_IF_SAME, 1, self._key, held)
            if held != former:
                name = in_short(held)
                logger.info("BG_POLLER: The holder of the lock is dead (%s); taking it over", name)
        taken = self._client.set(self._key, self.value, nx=True, px=self._milliseconds)
        return bool(taken) and self._follow()

    def _follow(self) -> bool:
        keys = self._key, self._last_key
        last = self._client.eval(FOLLOW_IF_SAME, 2, *keys, self.value, self._milliseconds)
        if last is None:
            return False
        self.follows = "" if value_text(last) == self.value else value_text(last)
        return True

    def renew(self) -> bool:
        """Reset the time to live. False if the lock is not ours any more."""
        return bool(self._run(EXTEND_IF_SAME, self._milliseconds))

    def release(self) -> None:
        """Delete the key if it is still ours."""
        self._run(DELETE_IF_SAME)

    def holder(self) -> str:
        """The value of whoever holds it, "" if nobody does."""
        try:
            return value_text(self._client.get(self._key))
        except ResponseError as exc:
            if _is_no_string(exc):
                return NO_STRING
            raise

    def _run(self, script: str, *arguments: int) -> object:
        """0 also if the key is no string by now."""
        try:
            keys = self._key, self._last_key
            return self._client.eval(script, 2, *keys, self.value, *arguments)
        except ResponseError as exc:
            if _is_no_string(exc):
                return 0
            raise


def _is_no_string(error: ResponseError) -> bool:
    return "WRONGTYPE" in str(error)


class FileLock:
    """An advisory lock on a file. Safe on one machine only; it goes with the process."""

    def __init__(self, path: Path, mailbox: str) -> None:
        name = path.name if mailbox == DEFAULT_MAILBOX else f"{path.name}.{mailbox}"
        self.path = path.with_name(name)
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Raises OSError when the file cannot be made."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+")
        if not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
            file.close()
            return False
        file.truncate(0)
        file.write(holder_value() + "\n")
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> dict[str, str]:
        """Who holds it on this machine, for people; empty if nobody does."""
        try:
            value = self.path.read_text()
        except OSError:
            return {}
        return {} if is_dead(value) else public_fields(value)
