"""Documents in Redis: the key is the prefix and the name, the value the JSON text."""

from __future__ import annotations

from redis import Redis, RedisError, WatchError
from redis.client import Pipeline

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.json_text import decode, encode, version_of_text
from runtime.redis import redis_client


class RedisBackend(ConfigBackend):
    label = "Redis"

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix

    def read(self, name: str) -> JSONObject | None:
        key = self._prefix + name
        try:
            text = self._client().get(key)
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc
        return None if text is None else decode(text, f"Redis key {key}")

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        key = self._prefix + name
        try:
            with self._client().pipeline() as pipeline:
                if expected is not None:
                    _expect(pipeline, key, expected)
                if document is None:
                    pipeline.delete(key)
                else:
                    pipeline.set(key, encode(document))
                pipeline.execute()
        except WatchError:
            raise DocumentChanged(name) from None
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc

    def _client(self) -> Redis:
        client = redis_client()
        if client is None:
            raise StoreUnavailable("REDIS_URL is not set")
        return client


def _expect(pipeline: Pipeline, key: str, expected: Version) -> None:
    """What follows is done only if the key holds this version until the end."""
    pipeline.watch(key)  # type: ignore[no-untyped-call]  # redis-py's own
    if version_of_text(pipeline.get(key)) != expected:
        raise DocumentChanged(key)
    pipeline.multi()
