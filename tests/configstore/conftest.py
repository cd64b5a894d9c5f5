from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import caches

from configstore import carrying
from configstore.backends import fallback
from configstore.declared import config_store
from runtime.redis import _client
from tests.configstore.outage import Stores
from tests.servers.fixtures import MakeProxy
from tests.servers.php import PhpApi
from tests.servers.redis import RedisServer

REDIS = "configstore.backends.redis.RedisBackend"
FILE = "configstore.backends.file.FileBackend"


@pytest.fixture(autouse=True)
def stores_are_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests mend a store and look; nobody waits a second for that."""
    monkeypatch.setattr(fallback, "LEFT_ALONE_SECONDS", 0.0)


@pytest.fixture
def files(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """The store of this process, in an empty folder."""
    folder = tmp_path / "config"
    settings.CONFIG_STORE_DIR = folder
    settings.CONFIG_STORES = [{"BACKEND": FILE, "OPTIONS": {"directory": folder}}]
    config_store.cache_clear()
    yield folder
    config_store.cache_clear()


@pytest.fixture
def redis_and_files(settings: LazySettings, files: Path, redis_url: str) -> Iterator[str]:
    """The store of this process, in a real Redis before the files."""
    settings.REDIS_URL = redis_url
    declared = {"BACKEND": REDIS, "OPTIONS": {"prefix": "r:ss:config:"}}
    settings.CONFIG_STORES = [declared, *settings.CONFIG_STORES]
    config_store.cache_clear()
    yield redis_url
    _client.cache_clear()


@pytest.fixture
def no_tries() -> Iterator[None]:
    """No failed login is remembered, before and after."""
    for cache in caches.all(initialized_only=False):
        cache.clear()
    yield
    for cache in caches.all(initialized_only=False):
        cache.clear()


@pytest.fixture
def stores(
    settings: LazySettings,
    tmp_path: Path,
    redis_server: RedisServer,
    redis_url: str,
    make_proxy: MakeProxy,
    php_api: PhpApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Stores:
    monkeypatch.setattr(carrying, "TRY_AGAIN_SECONDS", 0.0)
    return Stores(settings, tmp_path, redis_server, make_proxy(redis_server.port), php_api)
