"""What is in force while a save waits for the first store."""

from __future__ import annotations

import pytest

from configstore.backends.fallback import FallbackChain
from configstore.documents import PollingConfig, WebhookConfig
from configstore.keeping import Keeper, Pending
from configstore.store import WAITING, ConfigStore
from tests.configstore.examples import Shelf

NAME = "polling_config"


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.redis, self.php, self.file = (Shelf(label) for label in ("Redis", "PHP", "file"))
        self.disk = (Shelf("last good"), Shelf("pending"))
        self.keeper = Keeper(*self.disk)
        self.store = self.start()

    def start(self) -> ConfigStore:
        chain = FallbackChain([self.redis, self.php, self.file], monotonic=lambda: self.now)
        self.store = ConfigStore(chain, Keeper(*self.disk), {}, monotonic=lambda: self.now)
        return self.store

    def save(self, seconds: int) -> None:
        self.store.save(PollingConfig, NAME, {"interval_seconds": seconds})

    def interval(self) -> int:
        return self.store.current(PollingConfig).document.interval_seconds


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.save(60)
    return bench


def test_a_save_that_the_first_store_did_not_take_is_in_force_although_it_answers(
    bench: Bench,
) -> None:
    bench.redis.full = True
    bench.save(90)
    assert bench.redis.documents[NAME] == {"interval_seconds": 60}
    assert bench.interval() == 90
    bench.start()
    assert bench.interval() == 90
    assert bench.store.source(NAME) == WAITING


def test_nonsense_in_the_first_store_is_told_while_the_save_stays_in_force(bench: Bench) -> None:
    bench.redis.away = True
    bench.save(90)
    bench.redis.away, bench.redis.corrupt = False, "Redis key x is not JSON"
    current = bench.store.current(PollingConfig)
    assert current.document.interval_seconds == 90
    assert current.fault == bench.store.fault(NAME) == "Redis key x is not JSON"
    bench.redis.corrupt = ""
    bench.now += 10
    assert bench.interval() == 90
    assert bench.store.fault(NAME) == ""
    assert bench.redis.documents[NAME] == {"interval_seconds": 90}


def test_a_waiting_document_that_makes_no_sense_is_not_in_force_and_told(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    faulty = Pending(document={"interval_seconds": 0}, missed=("Redis",))
    assert bench.keeper.set_pending(NAME, None, faulty)
    bench.redis.away = True
    assert bench.interval() == 60
    assert "what was saved of polling_config is faulty: interval_seconds" in caplog.text


def test_a_store_that_has_missed_a_copy_does_not_bring_back_what_was_removed(bench: Bench) -> None:
    bench.php.away = True
    bench.store.save(PollingConfig, NAME, None)
    assert bench.interval() == 30
    bench.php.away, bench.php.full = False, True
    bench.now += 10
    assert bench.interval() == 30
    assert bench.php.documents[NAME] == {"interval_seconds": 60}


def test_a_document_that_a_store_refuses_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.store.save(WebhookConfig, "webhook_config", {"a": 1})
    bench.php.away = True
    bench.save(90)
    bench.store.save(WebhookConfig, "webhook_config", {})
    bench.php.away = False
    take = bench.php.write

    def refusing(
        name: str, document: dict[str, object] | None, expected: str | None = None
    ) -> None:
        bench.php.full = name == NAME
        take(name, document, expected)

    bench.php.write = refusing  # type: ignore[method-assign]
    for _ in range(10):
        bench.now += 2
        bench.store.refresh()
    assert bench.php.documents == {
        NAME: {"interval_seconds": 60},
        "webhook_config": {},
    }
