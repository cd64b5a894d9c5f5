"""The admin over a store that a test can take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client

from configstore import declared
from configstore.backends.fallback import FallbackChain
from configstore.documents import PollingConfig, ProcessingPrefs, RoutingRules, WebhookConfig
from configstore.keeping import Keeper
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf

PAGES = {
    WebhookConfig.NAME: "/admin/configstore/webhook/webhook_config/change/",
    ProcessingPrefs.NAME: "/admin/configstore/processing/processing_prefs/change/",
    PollingConfig.NAME: "/admin/configstore/mailbox/default/change/",
    RoutingRules.NAME: "/admin/configstore/routing/routing_rules/change/",
}


class Stores:
    """What the configuration is read from, and what the tests put into it."""

    def __init__(self) -> None:
        self.redis, self.file = Shelf("Redis"), Shelf("file")
        keeper = Keeper(Shelf("last good"), Shelf("pending"))
        self.now = 1000.0
        self.store = ConfigStore(
            FallbackChain([self.redis, self.file]), keeper, {}, monotonic=lambda: self.now
        )

    def __getitem__(self, name: str) -> Any:
        return self.redis.documents.get(name)


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


def staff_with(*permissions: str) -> Client:
    user = User.objects.create_user("bob", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client
