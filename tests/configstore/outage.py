"""Real stores that go away and come back, and what each of them holds."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import LazySettings
from redis import Redis

from configstore.backends.base import JSONObject
from configstore.declared import build_store
from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from render_signal.env import Env
from render_signal.stores import config_stores
from tests.servers.php import TOKEN, PhpApi
from tests.servers.ports import HOST
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisServer

NAME = "polling_config"
PREFIX = "r:ss:config:"


class Stores:
    """Redis, PHP and files, declared as the settings do it. Redis is behind a proxy, so that it
    can be away from us alone; PHP keeps its files when it is killed."""

    def __init__(
        self, settings: LazySettings, folder: Path, redis: RedisServer, proxy: Proxy, php: PhpApi
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._proxy = proxy
        self._client = Redis.from_url(redis.url)
        self._php = php
        settings.REDIS_URL = f"redis://{HOST}:{proxy.port}/0"
        settings.CONFIG_STORE_DIR = folder
        settings.CONFIG_DEFAULTS = {}

    def process(self, mode: str = "redis_first") -> ConfigStore:
        variables = {
            "CONFIG_STORE_MODE": mode,
            "CONFIG_STORE_REDIS_PREFIX": PREFIX,
            "EXTERNAL_CONFIG_BASE_URL": self._php.base_url,
            "CONFIG_API_TOKEN": TOKEN,
        }
        self._settings.CONFIG_STORES = config_stores(
            Env(variables), self._settings.REDIS_URL, self._folder
        )
        return build_store()

    def lose(self, *labels: str) -> None:
        if "Redis" in labels:
            self._proxy.refuse()
        if "PHP" in labels:
            self._php.kill()

    def find(self, *labels: str) -> None:
        if "Redis" in labels:
            self._proxy.pass_through()
        if "PHP" in labels:
            self._php.start()

    def edit(self, label: str, document: JSONObject, name: str = NAME) -> None:
        """As somebody else does, for whom the store is not away."""
        raw = json.dumps(document).encode()
        if label == "Redis":
            self._client.set(PREFIX + name, raw)
        else:
            self._php.put(name, raw)

    def empty_redis(self) -> None:
        self._client.flushall()

    def held(self, name: str = NAME) -> dict[str, object]:
        redis = self._client.get(PREFIX + name)
        path = self._folder / f"{name}.json"
        return {
            "Redis": json.loads(redis) if isinstance(redis, bytes) else None,
            "PHP": self._php.document(name),
            "file": json.loads(path.read_bytes()) if path.exists() else None,
        }

    def pending(self, name: str = NAME) -> bool:
        return (self._folder / "pending" / f"{name}.json").exists()


def everywhere(document: object) -> dict[str, object]:
    return dict.fromkeys(("Redis", "PHP", "file"), document)


def seconds(number: int) -> JSONObject:
    return {"interval_seconds": number}


def save(store: ConfigStore, number: int) -> str:
    """Which stores have missed it."""
    return " ".join(store.save(PollingConfig, NAME, seconds(number)).missed)


def interval(store: ConfigStore) -> int:
    return store.current(PollingConfig).document.interval_seconds
