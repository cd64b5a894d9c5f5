"""What several do to one document while a save is carried to a store that was away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from configstore.backends.base import DocumentChanged, JSONObject
from configstore.carrying import Carrier
from tests.configstore.backends.three_stores import NAME, OURS, THEIRS, ThreeStores
from tests.configstore.examples import Shelf


@pytest.fixture
def three() -> ThreeStores:
    return ThreeStores()


def meanwhile(shelf: Shelf, action: Callable[[], object]) -> None:
    """Something happens just before the next write to this shelf."""
    original = shelf.write

    def writing(name: str, document: JSONObject | None, expected: str | None = None) -> None:
        shelf.write = original  # type: ignore[method-assign]
        action()
        shelf.write(name, document, expected)

    shelf.write = writing  # type: ignore[method-assign]


def test_of_two_that_save_at_once_the_later_is_remembered(three: ThreeStores) -> None:
    """The other one comes between our save and our note of it."""
    other = Carrier(three.chain, three.keeper)
    three.redis.away = True
    meanwhile(three.disk, lambda: other.write(NAME, THEIRS, three.chain.read(NAME)))
    three.write(OURS)
    pending = three.keeper.pending(NAME)
    assert pending is not None
    assert pending.document == three.file.documents[NAME] == THEIRS


def test_a_save_while_another_process_carries_is_not_forgotten(three: ThreeStores) -> None:
    other = Carrier(three.chain, three.keeper)
    three.redis.away = True
    three.write(OURS)
    three.redis.away = False

    def save_during_another_outage() -> None:
        three.redis.away = True
        other.write(NAME, {"later": 1}, three.chain.read(NAME))
        three.redis.away = False

    meanwhile(three.disk, save_during_another_outage)
    _, pending = three.carry()
    assert pending is not None
    assert pending.document == {"later": 1}
    three.carry()
    assert three.held() == [{"later": 1}] * 3


def test_a_change_in_the_moment_of_carrying_is_not_overwritten(three: ThreeStores) -> None:
    three.redis.away = True
    three.write(OURS)
    three.redis.away = False
    meanwhile(three.redis, lambda: three.redis.documents.update({NAME: THEIRS}))
    three.carry()
    assert three.redis.documents[NAME] == THEIRS
    three.carry()
    assert three.held() == [THEIRS] * 3


def test_writing_over_a_change_of_others_is_refused_and_nothing_is_pending(
    three: ThreeStores,
) -> None:
    reading = three.chain.read(NAME)
    three.redis.documents[NAME] = THEIRS
    with pytest.raises(DocumentChanged):
        three.carrier.write(NAME, OURS, reading)
    assert three.keeper.pending(NAME) is None
