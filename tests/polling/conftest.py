from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from configstore.declared import config_store
from configstore.store import ConfigStore
from polling.oauth.tokens import tokens
from tests.polling.fake_lock import FakeRedisLock, World


@pytest.fixture
def browser(admin_client: Client) -> Client:
    """That of somebody who may do everything."""
    return admin_client


@pytest.fixture
def file_store(settings: LazySettings, tmp_path: Path) -> Iterator[ConfigStore]:
    """The documents of one test, in files."""
    options = {"directory": tmp_path / "config"}
    settings.CONFIG_STORE_DIR = options["directory"]
    settings.CONFIG_STORES = [
        {"BACKEND": "configstore.backends.file.FileBackend", "OPTIONS": options}
    ]
    config_store.cache_clear()
    yield config_store()
    config_store.cache_clear()


@pytest.fixture
def no_tokens(settings: LazySettings) -> Iterator[None]:
    """None is known yet; providers may be on this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    tokens.cache_clear()
    yield
    tokens.cache_clear()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    FakeRedisLock.reset()
    world = World(tmp_path)
    yield world
    world.a.release()
    world.b.release()
