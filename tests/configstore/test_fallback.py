from __future__ import annotations

import logging

import pytest

from configstore.backends.base import ConfigBackend, DocumentCorrupt, JSONObject, StoreUnavailable
from configstore.backends.fallback import FallbackChain
from tests.configstore.examples import Shelf

NAME = "polling_config"


@pytest.fixture
def first() -> Shelf:
    return Shelf("Redis")


@pytest.fixture
def second() -> Shelf:
    return Shelf("file")


@pytest.fixture
def chain(first: Shelf, second: Shelf) -> FallbackChain:
    return FallbackChain([first, second])


def test_the_first_store_that_has_it_answers(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.documents[NAME] = {"from": "first"}
    second.documents[NAME] = {"from": "second"}
    reading = chain.read(NAME)
    assert (reading.document, reading.source) == ({"from": "first"}, "Redis")
    assert second.reads == 0


def test_a_store_without_it_passes_on(chain: FallbackChain, second: Shelf) -> None:
    second.documents[NAME] = {"from": "second"}
    reading = chain.read(NAME)
    assert (reading.document, reading.source) == ({"from": "second"}, "file")
    assert reading.passed_over == ()


def test_a_store_that_is_away_is_passed_over_and_named(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = True
    second.documents[NAME] = {"from": "second"}
    reading = chain.read(NAME)
    assert (reading.source, reading.passed_over) == ("file", ("Redis",))


def test_what_no_store_has_is_absent(chain: FallbackChain) -> None:
    reading = chain.read(NAME)
    assert (reading.document, reading.source) == (None, "defaults")


@pytest.mark.parametrize("place", [0, 1])
def test_what_one_store_has_not_and_the_other_cannot_say_is_unknown(
    chain: FallbackChain, first: Shelf, second: Shelf, place: int
) -> None:
    (first, second)[place].away = True
    with pytest.raises(StoreUnavailable, match=f"{('Redis', 'file')[place]} could not be asked"):
        chain.read(NAME)


def test_a_corrupt_document_is_not_replaced_by_an_older_one(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.corrupt = "line 1"
    second.documents[NAME] = {"from": "second"}
    with pytest.raises(DocumentCorrupt, match="line 1"):
        chain.read(NAME)


def test_the_first_store_that_takes_it_is_written(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    assert chain.write(NAME, {"a": 1}) == "Redis"
    assert first.documents == {NAME: {"a": 1}}
    assert second.documents == {}


def test_the_next_store_is_written_when_the_first_is_away(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = True
    assert chain.write(NAME, {"a": 1}) == "file"
    assert second.documents == {NAME: {"a": 1}}


def test_a_write_that_no_store_takes_is_an_error(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = second.away = True
    with pytest.raises(StoreUnavailable, match=f"no store took {NAME}"):
        chain.write(NAME, {})


def test_an_outage_is_logged_once_and_its_end_once(
    chain: FallbackChain, first: Shelf, second: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    second.documents[NAME] = {}
    caplog.set_level(logging.INFO)
    for away in (True, True, True, False, False, True):
        first.away = away
        chain.read(NAME)
    assert [(record.levelname, "answers again" in record.message) for record in caplog.records] == [
        ("WARNING", False),
        ("INFO", True),
        ("WARNING", False),
    ]
    assert "Redis cannot be reached (gone fishing)" in caplog.records[0].message


def test_a_quiet_chain_logs_nothing(chain: FallbackChain, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chain.read(NAME)
    chain.write(NAME, {})
    assert not caplog.records


def test_the_stores_that_are_away_are_known(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = True
    second.documents[NAME] = {}
    chain.read(NAME)
    assert chain.unavailable() == {"Redis"}
    first.away = False
    chain.read(NAME)
    assert chain.unavailable() == frozenset()


def test_a_store_that_answers_with_nonsense_is_not_away(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = True
    second.documents[NAME] = {}
    chain.read(NAME)
    first.away, first.corrupt = False, "line 1"
    with pytest.raises(DocumentCorrupt):
        chain.read(NAME)
    assert chain.unavailable() == frozenset()


def test_a_store_that_kept_us_waiting_is_left_alone_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("configstore.backends.fallback.LEFT_ALONE_SECONDS", 1.0)
    now = [100.0]
    slow = Slow()
    chain = FallbackChain([slow], monotonic=lambda: now[0])
    for moment in (100.0, 100.5, 101.5):
        now[0] = moment
        with pytest.raises(StoreUnavailable):
            chain.read("polling_config")
    assert slow.asked == 2


class Slow(ConfigBackend):
    label = "slow"
    asked = 0

    def read(self, name: str) -> JSONObject | None:
        self.asked += 1
        raise StoreUnavailable("no answer")

    def write(self, name: str, document: JSONObject) -> None:
        raise StoreUnavailable("no answer")
