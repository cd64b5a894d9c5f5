"""Documents in Redis: the key is the prefix and the name, the value the JSON text."""

from __future__ import annotations

from redis import RedisError

from configstore.backends.base import ConfigBackend, JSONObject, StoreUnavailable
from configstore.backends.json_text import decode, encode
from runtime.redis import redis_client


class RedisBackend(ConfigBackend):
    label = "Redis"

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix

    def read(self, name: str) -> JSONObject | None:
        client = redis_client()
        if client is None:
            raise StoreUnavailable("REDIS_URL is not set")
        try:
            text = client.get(self._prefix + name)
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc
        return None if text is None else decode(text, f"Redis key {self._prefix}{name}")

    def write(self, name: str, document: JSONObject) -> None:
        client = redis_client()
        if client is None:
            raise StoreUnavailable("REDIS_URL is not set")
        try:
            client.set(self._prefix + name, encode(document))
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc
