"""Writing to a store what somebody else may have changed meanwhile."""

from __future__ import annotations

import threading

import pytest

from configstore.backends.base import (
    DocumentChanged,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
)
from configstore.backends.json_text import version_of, version_of_corrupt
from tests.configstore.backends.bench import NAME, RICH, Bench


@pytest.mark.parametrize("held", [None, {"a": 1}, RICH])
@pytest.mark.parametrize("new", [None, {"b": 2}])
def test_the_version_that_was_expected_is_replaced(
    bench: Bench, held: JSONObject | None, new: JSONObject | None
) -> None:
    bench.backend.write(NAME, held)
    bench.backend.write(NAME, new, expected=version_of(held))
    assert bench.backend.read(NAME) == new


@pytest.mark.parametrize(
    ("held", "expected"), [(None, {"b": 2}), ({"a": 1}, {"b": 2}), ({"a": 1}, None)]
)
def test_another_version_than_expected_stays(
    bench: Bench, held: JSONObject | None, expected: JSONObject | None
) -> None:
    bench.backend.write(NAME, held)
    with pytest.raises(DocumentChanged):
        bench.backend.write(NAME, {"new": 1}, expected=version_of(expected))
    with pytest.raises(DocumentChanged):
        bench.backend.write(NAME, None, expected=version_of(expected))
    assert bench.backend.read(NAME) == held


def test_a_corrupt_document_has_a_version_too(bench: Bench) -> None:
    bench.put_raw(b"[1, 2]")
    with pytest.raises(DocumentCorrupt) as refused:
        bench.backend.read(NAME)
    with pytest.raises(DocumentChanged):
        bench.backend.write(NAME, {"a": 1}, expected=version_of(None))
    bench.backend.write(NAME, {"a": 1}, expected=version_of_corrupt(refused.value))
    assert bench.backend.read(NAME) == {"a": 1}


def test_a_corrupt_document_is_replaced_by_who_expects_nothing(bench: Bench) -> None:
    bench.put_raw(b"[1, 2]")
    bench.backend.write(NAME, {"a": 1})
    assert bench.backend.read(NAME) == {"a": 1}


def test_the_version_does_not_depend_on_the_store(bench: Bench) -> None:
    """PHP knows no empty object inside a document, and no 5.0 beside 5."""
    document: JSONObject = {"expires_at": 1790000000.0, "names": {"é": "ü"}, "none": {"x": {}}}
    bench.backend.write(NAME, document)
    assert version_of(bench.backend.read(NAME)) == version_of(document)


def test_expecting_something_of_a_store_that_is_away_says_that_it_is_away(bench: Bench) -> None:
    away = bench.unreachable()
    with pytest.raises(StoreUnavailable):
        away.write(NAME, {}, expected=version_of(None))


def test_of_many_writers_with_the_same_expectation_one_wins(text_bench: Bench) -> None:
    """Not so over the PHP API, which cannot compare and write in one step."""
    for number in range(5):
        expected = version_of(text_bench.backend.read(NAME))
        writers = [Writer(text_bench, {"round": number, "writer": i}, expected) for i in range(16)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        winners = [writer for writer in writers if writer.won]
        assert len(winners) == 1
        assert text_bench.backend.read(NAME) == winners[0].document


def test_many_threads_may_ask_at_once(bench: Bench) -> None:
    bench.backend.write(NAME, {"a": 1})
    answers: list[JSONObject | None] = []
    threads = [
        threading.Thread(target=lambda: answers.append(bench.backend.read(NAME))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"a": 1}] * 16


class Writer(threading.Thread):
    def __init__(self, bench: Bench, document: JSONObject, expected: str) -> None:
        super().__init__()
        self.document = document
        self.won = False
        self._bench = bench
        self._expected = expected

    def run(self) -> None:
        try:
            self._bench.backend.write(NAME, self.document, self._expected)
        except DocumentChanged:
            return
        self.won = True
