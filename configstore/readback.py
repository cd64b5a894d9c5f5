"""What a single store holds, asked past everything that this process remembers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from configstore.backends.base import (
    ConfigBackend,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
)
from configstore.backends.fallback import FallbackChain
from configstore.differences import Difference, differences
from configstore.document import Document
from configstore.merging import merged

REDIS = "Redis"
PHP = "PHP"


class RedisRequired(Exception):
    """There is no Redis among the stores, or it does not answer."""


def store_named(chain: FallbackChain, label: str) -> ConfigBackend | None:
    return next((backend for backend in chain.backends if backend.label == label), None)


def required_redis(chain: FallbackChain, name: str) -> ConfigBackend:
    """Redis, which answers when it is asked for the document. Raises RedisRequired."""
    redis = store_named(chain, REDIS)
    if redis is None:
        raise RedisRequired(
            "Redis is not among the stores: set REDIS_URL, and CONFIG_STORE_DISABLE_REDIS to false"
        )
    try:
        redis.read(name)
    except StoreUnavailable as exc:
        raise RedisRequired(f"Redis cannot be reached ({exc})") from exc
    except DocumentCorrupt:
        pass  # it answers; what it holds is judged where it is used
    return redis


def unlike(
    store: ConfigBackend, kind: type[Document], name: str, incoming: JSONObject
) -> list[str]:
    """Each field of the incoming document that the store does not hold, for a person."""
    try:
        stored = store.read(name)
    except (StoreUnavailable, DocumentCorrupt) as exc:
        return [f"{store.label} cannot be read: {exc}"]
    if stored is None:
        return [f"{store.label} holds no {name}"]
    wanted = merged(kind, stored, incoming)
    return [f"{store.label} holds {_told(each)}" for each in differences(stored, wanted)]


def _told(difference: Difference) -> str:
    if difference.after == _("changed"):
        return f"another {difference.field}"
    return f"{difference.field}: {difference.before} instead of {difference.after}"
