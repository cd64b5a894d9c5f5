"""The dispatcher with all that belongs to it, driven by a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from configstore.backends.fallback import FallbackChain
from configstore.backends.file import FileBackend
from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.keeping import Keeper
from configstore.store import ConfigStore
from runtime.stopping import Stop
from webhooks.client import Client
from webhooks.dispatcher import Dispatcher
from webhooks.endpoints import Endpoint, described_endpoint

THREADS = 4


class Relay:
    """A dispatcher, its configuration as a file, and what it told."""

    def __init__(self, folder: Path, client: Client, url: str) -> None:
        self.file = FileBackend(directory=folder / "config")
        self.store = ConfigStore(FallbackChain([self.file]), Keeper.in_folder(folder), {})
        self.stop = Stop()
        self.told: list[set[str]] = []
        self.sources: list[str] | None = None
        self._url = url
        self.configure()
        self.dispatcher = Dispatcher(
            self.store, self.stop, THREADS, self.told.append, lambda: self.sources, client
        )

    def configure(self, **webhook: object) -> None:
        self.file.write("webhook_config", {"webhook_url": self._url} | webhook)
        self.file.write("processing_prefs", {"webhook_timeout_sec": 20})
        self.store.watched = True
        self.store.refresh()

    def endpoint(self) -> Endpoint:
        endpoint = described_endpoint(
            self.store.get(WebhookConfig), self.store.get(ProcessingPrefs)
        )
        assert endpoint is not None
        return endpoint

    def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Step as the loop does, in the thread of the test."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, "it did not come to pass"
            self.dispatcher.step(timezone.now())
            self.dispatcher.wake.wait(0.02)

    def close(self) -> None:
        self.dispatcher.drain(0)
        self.stop.close()
