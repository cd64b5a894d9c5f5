from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.backends.fallback import FallbackChain, Reading, Written
from configstore.backends.json_text import version_of
from configstore.carrying import Carrier
from configstore.keeping import Keeper, LastGood, Pending
from tests.configstore.examples import Shelf

NAME = "polling_config"
OLD, OURS, THEIRS = {"old": 1}, {"ours": 1}, {"theirs": 1}


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.redis, self.php, self.file = (Shelf(label) for label in ("Redis", "PHP", "file"))
        self.shelves = [self.redis, self.php, self.file]
        self.disk = Shelf("pending")
        self.keeper = Keeper(Shelf("last good"), self.disk)
        self.chain = FallbackChain(list(self.shelves), monotonic=lambda: self.now)
        self.carrier = Carrier(self.chain, self.keeper, monotonic=lambda: self.now)
        for shelf in self.shelves:
            shelf.documents[NAME] = OLD
        self.keeper.keep(NAME, LastGood(document=OLD, seen={"Redis": version_of(OLD)}))

    def write(self, document: JSONObject | None) -> Written:
        return self.carrier.write(NAME, document, self.chain.read(NAME))

    def carry(self) -> tuple[Reading, Pending | None]:
        pending = self.keeper.pending(NAME)
        assert pending is not None
        return self.carrier.carry(NAME, pending, self.chain.read(NAME))

    def held(self) -> list[JSONObject | None]:
        return [shelf.documents.get(NAME) for shelf in self.shelves]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_reaches_all_stores_is_not_pending(bench: Bench) -> None:
    assert bench.write(OURS).missed == ()
    assert bench.keeper.pending(NAME) is None


def test_what_a_store_above_has_missed_replaces_only_what_was_there(bench: Bench) -> None:
    bench.redis.away = True
    assert bench.write(OURS).missed == ("Redis",)
    pending = bench.keeper.pending(NAME)
    assert pending is not None
    assert (pending.document, pending.bases) == (OURS, {"Redis": version_of(OLD)})


def test_what_a_store_below_has_missed_replaces_anything(bench: Bench) -> None:
    bench.php.away = True
    assert bench.write(OURS).missed == ("PHP",)
    bench.php.away, bench.php.documents[NAME] = False, THEIRS
    assert bench.carry()[1] is None
    assert bench.held() == [OURS] * 3


def test_a_store_below_gets_what_the_first_one_holds_by_then(bench: Bench) -> None:
    bench.php.away = True
    bench.write(OURS)
    bench.php.away, bench.redis.documents[NAME] = False, THEIRS
    bench.carry()
    assert bench.php.documents[NAME] == THEIRS


def test_the_second_store_keeps_what_others_saved_there_until_the_first_has_decided(
    bench: Bench,
) -> None:
    bench.redis.away = bench.php.away = True
    bench.write(OURS)
    bench.php.away, bench.php.documents[NAME] = False, THEIRS
    bench.now += 10
    assert bench.carry()[1] is not None
    assert bench.php.documents[NAME] == THEIRS
    bench.redis.away = False
    assert bench.carry()[1] is None
    assert bench.held() == [OURS] * 3


@pytest.mark.parametrize("last", [OURS, None], ids=["a change", "a removal"])
def test_an_earlier_save_that_had_arrived_after_all_is_not_somebody_elses(
    bench: Bench, last: JSONObject | None
) -> None:
    bench.redis.forgets_to_answer = True
    bench.write({"first": 1})
    assert bench.redis.documents[NAME] == {"first": 1}
    bench.redis.away = True
    bench.write(last)
    bench.redis.away = bench.redis.forgets_to_answer = False
    bench.now += 10
    bench.carry()
    assert bench.held() == [last] * 3


def test_a_document_of_others_goes_to_all(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away, bench.redis.documents[NAME] = False, THEIRS
    assert bench.carry()[1] is None
    assert bench.held() == [THEIRS] * 3
    assert [record.levelname for record in caplog.records].count("WARNING") == 2
    assert "can be restored" in caplog.text


def test_a_store_that_came_back_with_nonsense_is_left_to_people(bench: Bench) -> None:
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away, bench.redis.corrupt = False, "line 1"
    reading, pending = bench.carry()
    assert reading.fault == "line 1"
    assert pending == bench.keeper.pending(NAME)
    assert (bench.php.documents[NAME], bench.file.documents[NAME]) == (OURS, OURS)


def test_a_store_that_takes_nothing_is_tried_now_and_then(bench: Bench) -> None:
    bench.redis.full = True
    bench.write(OURS)
    tries = []
    bench.redis.write = lambda *arguments: tries.append(bench.now) or refuse()  # type: ignore[method-assign,func-returns-value]
    for _ in range(12):
        bench.carry()
        bench.now += 1
    assert len(tries) == 3


def refuse() -> None:
    raise StoreUnavailable("no space left")


def test_a_store_that_is_not_declared_any_more_is_forgotten(bench: Bench) -> None:
    bench.php.away = True
    bench.write(OURS)
    chain = FallbackChain([bench.redis, bench.file])
    pending = bench.keeper.pending(NAME)
    assert pending is not None
    reading, rest = Carrier(chain, bench.keeper).carry(NAME, pending, chain.read(NAME))
    assert (reading.document, rest) == (OURS, None)
    assert bench.keeper.pending(NAME) is None


def test_a_save_that_nobody_could_remember_is_none(bench: Bench) -> None:
    bench.redis.away = bench.disk.away = True
    with pytest.raises(StoreUnavailable):
        bench.write(OURS)


def test_a_copy_that_nobody_could_remember_is_said(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.php.away = bench.disk.away = True
    assert bench.write(OURS).missed == ("PHP",)
    assert "polling_config did not reach PHP" in caplog.text


def meanwhile(shelf: Shelf, action: Callable[[], object]) -> None:
    """Something happens just before the next write to this shelf."""
    original = shelf.write

    def writing(name: str, document: JSONObject | None, expected: str | None = None) -> None:
        shelf.write = original  # type: ignore[method-assign]
        action()
        shelf.write(name, document, expected)

    shelf.write = writing  # type: ignore[method-assign]


def test_of_two_that_save_at_once_the_later_is_remembered(bench: Bench) -> None:
    """The other one comes between our save and our note of it."""
    other = Carrier(bench.chain, bench.keeper)
    bench.redis.away = True
    meanwhile(bench.disk, lambda: other.write(NAME, THEIRS, bench.chain.read(NAME)))
    bench.write(OURS)
    pending = bench.keeper.pending(NAME)
    assert pending is not None
    assert pending.document == bench.file.documents[NAME] == THEIRS


def test_a_save_while_another_process_carries_is_not_forgotten(bench: Bench) -> None:
    other = Carrier(bench.chain, bench.keeper)
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away = False

    def save_during_another_outage() -> None:
        bench.redis.away = True
        other.write(NAME, {"later": 1}, bench.chain.read(NAME))
        bench.redis.away = False

    meanwhile(bench.disk, save_during_another_outage)
    _, pending = bench.carry()
    assert pending is not None
    assert pending.document == {"later": 1}
    bench.carry()
    assert bench.held() == [{"later": 1}] * 3


def test_a_change_in_the_moment_of_carrying_is_not_overwritten(bench: Bench) -> None:
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away = False
    meanwhile(bench.redis, lambda: bench.redis.documents.update({NAME: THEIRS}))
    bench.carry()
    assert bench.redis.documents[NAME] == THEIRS
    bench.carry()
    assert bench.held() == [THEIRS] * 3


def test_writing_over_a_change_of_others_is_refused_and_nothing_is_pending(bench: Bench) -> None:
    reading = bench.chain.read(NAME)
    bench.redis.documents[NAME] = THEIRS
    with pytest.raises(DocumentChanged):
        bench.carrier.write(NAME, OURS, reading)
    assert bench.keeper.pending(NAME) is None


def test_carrying_is_said_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away = False
    caplog.set_level(logging.INFO, "configstore.carrying")
    bench.carry()
    assert caplog.messages.count(f"{NAME}, saved while Redis was away, is there now.") == 1


def test_a_store_that_came_back_empty_is_filled(bench: Bench) -> None:
    bench.redis.away = True
    bench.write(OURS)
    bench.redis.away = False
    bench.redis.documents.clear()
    bench.carry()
    assert bench.held() == [OURS] * 3


def test_a_save_whose_answer_was_lost_is_not_somebody_elses(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.redis.forgets_to_answer = True
    bench.write(OURS)
    bench.redis.forgets_to_answer = False
    assert bench.carry()[1] is None
    assert "meanwhile changed there" not in caplog.text
