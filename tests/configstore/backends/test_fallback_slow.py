"""Stores that answer slowly, or answer and take nothing, are not waited for again and again."""

from __future__ import annotations

import logging

import pytest

from configstore.backends.base import (
    ConfigBackend,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.fallback import FallbackChain, Written
from tests.configstore.backends.chain import NAME, write
from tests.configstore.examples import Shelf


def test_a_store_that_kept_us_waiting_is_left_alone_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("configstore.backends.fallback.LEFT_ALONE_SECONDS", 1.0)
    now = [100.0]
    slow = Slow()
    chain = FallbackChain([slow], monotonic=lambda: now[0])
    for moment in (100.0, 100.5, 101.5):
        now[0] = moment
        assert chain.read("polling_config").passed_over == ("slow",)
    assert slow.asked == 2


def test_a_store_that_kept_us_waiting_for_long_is_left_alone_for_longer() -> None:
    now = [100.0]

    class VerySlow(Slow):
        def read(self, name: str) -> JSONObject | None:
            now[0] += 1.5
            return super().read(name)

    slow = VerySlow()
    chain = FallbackChain([slow], monotonic=lambda: now[0])
    for later in (0.0, 1.0, 3.9):
        now[0] += later
        chain.read(NAME)
    assert slow.asked == 1
    now[0] += 0.2
    chain.read(NAME)
    assert slow.asked == 2


class Slow(ConfigBackend):
    label = "slow"
    asked = 0

    def read(self, name: str) -> JSONObject | None:
        self.asked += 1
        raise StoreUnavailable("no answer")

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        raise StoreUnavailable("no answer")


def test_a_store_that_answers_and_takes_nothing_is_passed_over_by_a_save(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.documents[NAME], second.documents[NAME] = {"a": 1}, {"old": 1}
    first.full = True
    assert write(chain, {"a": 2}) == Written(taken=("file",), missed=("Redis",))
    assert second.documents == {NAME: {"a": 2}}


def test_a_store_that_answers_and_takes_nothing_is_said_once(
    chain: FallbackChain, first: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first.documents[NAME], first.full = {}, True
    for _ in range(3):
        write(chain, {"a": 1})
        chain.read(NAME)
    assert chain.unavailable() == {"Redis"}
    first.full = False
    write(chain, {"a": 1})
    chain.read(NAME)
    assert chain.unavailable() == frozenset()
    assert [message.split(" (")[0] for message in caplog.messages] == [
        "Configuration store Redis takes no document",
        "Configuration store Redis takes documents again.",
    ]


def test_a_refusal_that_nobody_met_again_is_forgotten(first: Shelf, second: Shelf) -> None:
    """The one who met it cannot know that another process had more luck later."""
    now = [100.0]
    chain = FallbackChain([first, second], monotonic=lambda: now[0])
    second.full = True
    write(chain, {"a": 1})
    assert chain.unavailable() == {"file"}
    now[0] += 61
    assert chain.unavailable() == frozenset()
