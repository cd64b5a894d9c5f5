"""One suite for all stores that hold documents: what any of them must do."""

from __future__ import annotations

import json

import pytest

from configstore.backends.base import (
    DocumentCorrupt,
    StoreUnavailable,
)
from tests.configstore.backends.bench import NAME, RICH, Bench


def test_an_absent_document_is_none(bench: Bench) -> None:
    assert bench.backend.read(NAME) is None


def test_what_is_written_is_read(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    assert bench.backend.read(NAME) == RICH


def test_writing_replaces_the_whole_document(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    bench.backend.write(NAME, {"a": 1})
    assert bench.backend.read(NAME) == {"a": 1}


def test_documents_do_not_touch_each_other(bench: Bench) -> None:
    bench.backend.write(NAME, {"a": 1})
    bench.backend.write("webhook_config", {"b": 2})
    assert bench.backend.read(NAME) == {"a": 1}


def test_it_is_stored_as_json_that_people_can_read(bench: Bench) -> None:
    bench.backend.write(NAME, RICH)
    raw = bench.get_raw() or b""
    assert json.loads(raw) == RICH
    assert "Zoë 🚚" in raw.decode()


def test_what_somebody_else_wrote_is_read(bench: Bench) -> None:
    bench.put_raw(b'{"active_days": [0, 1], "name": "\\u00e9t\\u00e9"}')
    assert bench.backend.read(NAME) == {"active_days": [0, 1], "name": "été"}


def test_a_byte_order_mark_is_no_fault(text_bench: Bench) -> None:
    text_bench.put_raw(b'\xef\xbb\xbf{"a": 1}')
    assert text_bench.backend.read(NAME) == {"a": 1}


@pytest.mark.parametrize("depth", [101, 450, 700])
def test_a_document_that_is_nested_too_deeply_is_corrupt(bench: Bench, depth: int) -> None:
    bench.put_raw(b'{"extra": ' + b"[" * depth + b"]" * depth + b"}")
    with pytest.raises(DocumentCorrupt, match="nested too deeply"):
        bench.backend.read(NAME)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b"", "line 1, column 1"),
        (b'{"a": 1', "line 1, column 8"),
        (b'{"a": "\xff\xfe"}', "UTF-8"),
        (b"[1, 2]", "holds a list, not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"text"', "holds a str, not a JSON object"),
    ],
)
def test_a_corrupt_document_says_where_it_is_and_what_is_wrong(
    text_bench: Bench, raw: bytes, fault: str
) -> None:
    text_bench.put_raw(raw)
    with pytest.raises(DocumentCorrupt) as refused:
        text_bench.backend.read(NAME)
    assert NAME in str(refused.value)
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["b\\u0000c"]}',
        b'{"\\\\\\u0000": 1}',
    ],
    ids=[
        "too deep",
        "endless number",
        "no number",
        "infinite",
        "half a character",
        "in a name",
        "NUL",
        "NUL in a name",
    ],
)
def test_what_json_cannot_hold_is_corrupt(text_bench: Bench, raw: bytes) -> None:
    text_bench.put_raw(raw)
    with pytest.raises(DocumentCorrupt, match=NAME):
        text_bench.backend.read(NAME)


def test_a_backslash_before_u0000_is_no_nul(text_bench: Bench) -> None:
    text_bench.put_raw(b'{"a": "\\\\u0000"}')
    assert text_bench.backend.read(NAME) == {"a": "\\u0000"}


def test_a_corrupt_document_is_not_repeated(text_bench: Bench) -> None:
    text_bench.put_raw(b'{"webhook_url": "https://s3cret.example')
    with pytest.raises(DocumentCorrupt) as refused:
        text_bench.backend.read(NAME)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("raw", [b"[1, 2]", b'"text"', b"5", b"true"])
def test_what_is_no_object_is_corrupt_and_can_be_shown(bench: Bench, raw: bytes) -> None:
    bench.put_raw(raw)
    with pytest.raises(DocumentCorrupt, match=f"{NAME}.* not a JSON object") as refused:
        bench.backend.read(NAME)
    assert json.loads(refused.value.text) == json.loads(raw)


def test_reading_from_a_store_that_is_away_says_so(bench: Bench) -> None:
    away = bench.unreachable()
    with pytest.raises(StoreUnavailable):
        away.read(NAME)


def test_writing_to_a_store_that_is_away_says_so(bench: Bench) -> None:
    away = bench.unreachable()
    with pytest.raises(StoreUnavailable):
        away.write(NAME, {})


def test_a_removed_document_is_absent(bench: Bench) -> None:
    bench.backend.write(NAME, {"a": 1})
    bench.backend.write(NAME, None)
    assert bench.backend.read(NAME) is None


def test_removing_what_is_not_there_is_no_fault(bench: Bench) -> None:
    bench.backend.write(NAME, None)
    assert bench.backend.read(NAME) is None
