"""Documents in Redis: the key is the prefix and the name, the value the JSON text.

Beside them the names of all documents that were ever there, as a set: a Redis that was emptied
has lost that too, one from which somebody removed a document has not.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from redis import Redis, RedisError, WatchError
from redis.client import Pipeline

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    JSONObject,
    StoreUnavailable,
    Texts,
    Version,
)
from configstore.backends.json_text import decode, encode, version_of_text
from runtime.redis import redis_client

logger = logging.getLogger(__name__)
KNOWN = "_known"


class RedisBackend(ConfigBackend):
    label = "Redis"

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix
        self._noted: set[str] = set()
        self._can_note = True

    def read(self, name: str) -> JSONObject | None:
        key = self._prefix + name
        try:
            text = self._client().get(key)
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc
        if text is None:
            return None
        self._note(name)
        return decode(text, f"Redis key {key}")

    def glance(self, names: Sequence[str]) -> Texts | None:
        try:
            texts = self._client().mget([self._prefix + name for name in names])
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc
        return tuple(text.encode() if isinstance(text, str) else text for text in texts)

    def has_forgotten(self, name: str) -> bool:
        try:
            return self._can_note and not self._client().sismember(self._prefix + KNOWN, name)
        except (RedisError, StoreUnavailable):
            return False

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
            self._note(name)
        except WatchError:
            raise DocumentChanged(name) from None
        except RedisError as exc:
            raise StoreUnavailable(type(exc).__name__) from exc

    def _note(self, name: str) -> None:
        """What somebody wrote with redis-cli is known from its first reading on."""
        if name in self._noted:
            return
        self._noted.add(name)
        try:
            self._client().sadd(self._prefix + KNOWN, name)
        except RedisError as exc:  # a user that may not write that
            self._can_note = False
            logger.debug("%s is not noted as known: %s", name, exc)
        else:
            self._can_note = True

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
