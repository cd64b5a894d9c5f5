"""The settings of the admin, in stores that a test can take away."""

from __future__ import annotations

from typing import Any

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
