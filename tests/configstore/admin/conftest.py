"""The admin over a store that a test can take away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from configstore import declared
from tests.configstore.admin.stores import Stores
from tests.configstore.admin.two_rules import ARCHIVE, RECADRAGE


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[Stores]:
    stores = Stores()
    declared.config_store.cache_clear()
    monkeypatch.setattr(declared, "build_store", lambda: stores.store)
    yield stores
    declared.config_store.cache_clear()


@pytest.fixture
def ada(admin_user: User) -> User:
    admin_user.username = "ada"
    admin_user.save()
    return admin_user


@pytest.fixture
def browser(ada: User, stores: Stores) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def stored(stores: Stores) -> Stores:
    stores.redis.documents["webhook_config"] = {"endpoints": ["editing"]}
    stores.redis.documents["routing_rules"] = {"rules": [RECADRAGE, ARCHIVE], "_updated": "x"}
    return stores
