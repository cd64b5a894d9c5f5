from __future__ import annotations

from django.conf import LazySettings

from runtime.redis import redis_client


def test_as_many_threads_as_there_are_may_ask_at_once(
    redis_url: str, settings: LazySettings
) -> None:
    """The locks of 200 mailboxes are let go at once."""
    settings.REDIS_URL = redis_url
    client = redis_client()
    assert client is not None
    pool = client.connection_pool
    held = [pool.get_connection() for _ in range(200)]
    for connection in held:
        pool.release(connection)
    pool.disconnect()
