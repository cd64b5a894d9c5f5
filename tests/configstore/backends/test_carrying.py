from __future__ import annotations

import logging

import pytest

from configstore.backends.base import JSONObject, StoreUnavailable
from configstore.backends.fallback import FallbackChain
from configstore.backends.json_text import version_of
from configstore.carrying import Carrier
from tests.configstore.backends.three_stores import NAME, OLD, OURS, THEIRS, ThreeStores


@pytest.fixture
def three() -> ThreeStores:
    return ThreeStores()


def test_what_reaches_all_stores_is_not_pending(three: ThreeStores) -> None:
    assert three.write(OURS).missed == ()
    assert three.keeper.pending(NAME) is None


def test_what_a_store_above_has_missed_replaces_only_what_was_there(three: ThreeStores) -> None:
    three.redis.away = True
    assert three.write(OURS).missed == ("Redis",)
    pending = three.keeper.pending(NAME)
    assert pending is not None
    assert (pending.document, pending.bases) == (OURS, {"Redis": version_of(OLD)})


def test_what_a_store_below_has_missed_replaces_anything(three: ThreeStores) -> None:
    three.php.away = True
    assert three.write(OURS).missed == ("PHP",)
    three.php.away, three.php.documents[NAME] = False, THEIRS
    assert three.carry()[1] is None
    assert three.held() == [OURS] * 3


def test_a_store_below_gets_what_the_first_one_holds_by_then(three: ThreeStores) -> None:
    three.php.away = True
    three.write(OURS)
    three.php.away, three.redis.documents[NAME] = False, THEIRS
    three.carry()
    assert three.php.documents[NAME] == THEIRS


def test_the_second_store_keeps_what_others_saved_there_until_the_first_has_decided(
    three: ThreeStores,
) -> None:
    three.redis.away = three.php.away = True
    three.write(OURS)
    three.php.away, three.php.documents[NAME] = False, THEIRS
    three.now += 10
    assert three.carry()[1] is not None
    assert three.php.documents[NAME] == THEIRS
    three.redis.away = False
    assert three.carry()[1] is None
    assert three.held() == [OURS] * 3


@pytest.mark.parametrize("last", [OURS, None], ids=["a change", "a removal"])
def test_an_earlier_save_that_had_arrived_after_all_is_not_somebody_elses(
    three: ThreeStores, last: JSONObject | None
) -> None:
    three.redis.forgets_to_answer = True
    three.write({"first": 1})
    assert three.redis.documents[NAME] == {"first": 1}
    three.redis.away = True
    three.write(last)
    three.redis.away = three.redis.forgets_to_answer = False
    three.now += 10
    three.carry()
    assert three.held() == [last] * 3


def test_a_document_of_others_goes_to_all(
    three: ThreeStores, caplog: pytest.LogCaptureFixture
) -> None:
    three.redis.away = True
    three.write(OURS)
    three.redis.away, three.redis.documents[NAME] = False, THEIRS
    assert three.carry()[1] is None
    assert three.held() == [THEIRS] * 3
    assert [record.levelname for record in caplog.records].count("WARNING") == 2
    assert "can be restored" in caplog.text


def test_a_store_that_came_back_with_nonsense_is_left_to_people(three: ThreeStores) -> None:
    three.redis.away = True
    three.write(OURS)
    three.redis.away, three.redis.corrupt = False, "line 1"
    reading, pending = three.carry()
    assert reading.fault == "line 1"
    assert pending == three.keeper.pending(NAME)
    assert (three.php.documents[NAME], three.file.documents[NAME]) == (OURS, OURS)


def test_a_store_that_takes_nothing_is_tried_now_and_then(three: ThreeStores) -> None:
    three.redis.full = True
    three.write(OURS)
    tries = []
    three.redis.write = lambda *arguments: tries.append(three.now) or refuse()  # type: ignore[method-assign,func-returns-value]
    for _ in range(12):
        three.carry()
        three.now += 1
    assert len(tries) == 3


def refuse() -> None:
    raise StoreUnavailable("no space left")


def test_a_store_that_is_not_declared_any_more_is_forgotten(three: ThreeStores) -> None:
    three.php.away = True
    three.write(OURS)
    chain = FallbackChain([three.redis, three.file])
    pending = three.keeper.pending(NAME)
    assert pending is not None
    reading, rest = Carrier(chain, three.keeper).carry(NAME, pending, chain.read(NAME))
    assert (reading.document, rest) == (OURS, None)
    assert three.keeper.pending(NAME) is None


def test_a_save_that_nobody_could_remember_is_none(three: ThreeStores) -> None:
    three.redis.away = three.disk.away = True
    with pytest.raises(StoreUnavailable):
        three.write(OURS)


def test_a_copy_that_nobody_could_remember_is_said(
    three: ThreeStores, caplog: pytest.LogCaptureFixture
) -> None:
    three.php.away = three.disk.away = True
    assert three.write(OURS).missed == ("PHP",)
    assert "polling_config did not reach PHP" in caplog.text


def test_carrying_is_said_once(three: ThreeStores, caplog: pytest.LogCaptureFixture) -> None:
    three.redis.away = True
    three.write(OURS)
    three.redis.away = False
    caplog.set_level(logging.INFO, "configstore.carrying")
    three.carry()
    assert caplog.messages.count(f"{NAME}, saved while Redis was away, is there now.") == 1


def test_a_store_that_came_back_empty_is_filled(three: ThreeStores) -> None:
    three.redis.away = True
    three.write(OURS)
    three.redis.away = False
    three.redis.documents.clear()
    three.carry()
    assert three.held() == [OURS] * 3


def test_a_save_whose_answer_was_lost_is_not_somebody_elses(
    three: ThreeStores, caplog: pytest.LogCaptureFixture
) -> None:
    three.redis.forgets_to_answer = True
    three.write(OURS)
    three.redis.forgets_to_answer = False
    assert three.carry()[1] is None
    assert "meanwhile changed there" not in caplog.text
