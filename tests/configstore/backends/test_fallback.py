from __future__ import annotations

import logging

import pytest

from configstore.backends.base import (
    DocumentChanged,
    StoreUnavailable,
)
from configstore.backends.fallback import FallbackChain, Written
from tests.configstore.backends.chain import NAME, write
from tests.configstore.examples import Shelf


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
    reading = chain.read(NAME)
    assert (reading.document, reading.passed_over) == (None, (("Redis", "file")[place],))


def test_a_corrupt_document_is_not_replaced_by_an_older_one(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.corrupt = "line 1"
    second.documents[NAME] = {"from": "second"}
    reading = chain.read(NAME)
    assert (reading.document, reading.source, reading.fault) == (None, "Redis", "line 1")


def test_all_stores_are_written(chain: FallbackChain, first: Shelf, second: Shelf) -> None:
    assert write(chain, {"a": 1}) == Written(taken=("Redis", "file"))
    assert first.documents == second.documents == {NAME: {"a": 1}}


@pytest.mark.parametrize("place", [0, 1])
def test_a_store_that_is_away_has_missed_it(
    chain: FallbackChain, first: Shelf, second: Shelf, place: int
) -> None:
    (first, second)[place].away = True
    labels = ("Redis", "file")
    assert write(chain, {"a": 1}) == Written(taken=(labels[1 - place],), missed=(labels[place],))


def test_a_removed_document_is_gone_from_all(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    write(chain, {"a": 1})
    write(chain, None)
    assert first.documents == second.documents == {}


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    reading = chain.read(NAME)
    first.documents[NAME] = {"theirs": 1}
    with pytest.raises(DocumentChanged):
        chain.write(NAME, {"ours": 1}, reading)
    assert (first.documents, second.documents) == ({NAME: {"theirs": 1}}, {})


def test_a_store_that_was_away_when_it_was_asked_is_not_overwritten(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = True
    reading = chain.read(NAME)
    first.away, first.documents[NAME] = False, {"theirs": 1}
    assert chain.write(NAME, {"ours": 1}, reading).missed == ("Redis",)
    assert first.documents == {NAME: {"theirs": 1}}


def test_a_copy_replaces_whatever_the_lower_store_has(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.documents[NAME], second.documents[NAME] = {"new": 1}, {"old": 1}
    write(chain, {"newer": 1})
    assert second.documents == {NAME: {"newer": 1}}


def test_a_write_that_no_store_takes_is_an_error(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.away = second.away = True
    with pytest.raises(StoreUnavailable, match=f"no store took {NAME}"):
        write(chain, {})


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
    write(chain, {})
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
    assert chain.read(NAME).fault
    assert chain.unavailable() == frozenset()
