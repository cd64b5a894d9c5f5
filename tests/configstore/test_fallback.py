from __future__ import annotations

import logging

import pytest

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.fallback import FallbackChain, Written
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
    reading = chain.read(NAME)
    assert (reading.document, reading.passed_over) == (None, (("Redis", "file")[place],))


def test_a_corrupt_document_is_not_replaced_by_an_older_one(
    chain: FallbackChain, first: Shelf, second: Shelf
) -> None:
    first.corrupt = "line 1"
    second.documents[NAME] = {"from": "second"}
    reading = chain.read(NAME)
    assert (reading.document, reading.source, reading.fault) == (None, "Redis", "line 1")


def write(chain: FallbackChain, document: JSONObject | None) -> Written:
    return chain.write(NAME, document, chain.read(NAME))


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
