from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from configstore.backends.base import JSONObject
from configstore.backends.fallback import FallbackChain
from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.keeping import Keeper
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf


class Silent(Shelf):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__("Redis")
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def read(self, name: str) -> JSONObject | None:
        self.asked += 1
        self.answers.wait(30)
        return super().read(name)


@pytest.fixture
def shelf() -> Iterator[Silent]:
    shelf = Silent()
    yield shelf
    shelf.answers.set()


@pytest.fixture
def store(shelf: Silent, tmp_path: Path) -> ConfigStore:
    """In which no document is fresh for long enough."""
    store = ConfigStore(FallbackChain([shelf]), Keeper.in_folder(tmp_path), {})
    shelf.documents["polling_config"] = {"interval_seconds": 7}
    for kind in (PollingConfig, ProcessingPrefs):
        store.get(kind)
    return store


@pytest.fixture(autouse=True)
def always_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("configstore.store.REFRESH_SECONDS", 0.0)


def test_a_store_that_does_not_answer_is_waited_for_once(store: ConfigStore, shelf: Silent) -> None:
    shelf.answers.clear()
    shelf.asked = 0
    for _ in range(50):
        assert store.get(PollingConfig).interval_seconds == 7
        store.get(ProcessingPrefs)
    assert store.patience.at_an_end
    assert store.source("polling_config") == "last good copy"
    assert shelf.asked == 1


def test_what_it_says_in_the_end_is_in_force(store: ConfigStore, shelf: Silent) -> None:
    shelf.answers.clear()
    store.get(PollingConfig)
    shelf.documents["polling_config"] = {"interval_seconds": 8}
    shelf.answers.set()
    assert store.current(PollingConfig).document.interval_seconds == 8
    assert store.get(PollingConfig).interval_seconds == 8
    assert store.source("polling_config") == "Redis"
