"""The one way to a Redis client."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 1.5
# As many as there are threads that ask at once: two for each mailbox, at a stop all of them. The
# client's own limit, 100, would look like a Redis that cannot be asked.
MOST_CONNECTIONS = 10_000
# What the client raises when Redis cannot be asked: a host that is no name is not wrapped.
REDIS_ERRORS = (RedisError, OSError, UnicodeError)


@cache
def _client(url: str, seconds: float) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
        max_connections=MOST_CONNECTIONS,
    )


def redis_client(seconds: float = TIMEOUT_SECONDS) -> Redis | None:
    """A client that answers or raises REDIS_ERRORS within seconds; None without REDIS_URL.

    Retries are the caller's: a client that retries by itself makes a bounded call unbounded.
    """
    return _client(settings.REDIS_URL, seconds) if settings.REDIS_URL else None
