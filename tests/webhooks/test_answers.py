from __future__ import annotations

import time

import pytest

from webhooks.answers import refuses
from webhooks.client import ANSWER_BYTES

BOM = b"\xef\xbb\xbf"
LONG = b'"' + b"x" * ANSWER_BYTES
CUT_REFUSALS = [
    b'{"success": false, "trace": ' + LONG,
    b'{"error": {"in": ["]}", {"success": true}]}, "success":false,"trace":' + LONG,
    b' {\n "code" : 7 , "text" : "say \\"}", "success" : false , "trace" : ' + LONG,
    b'{"success": false, "deep": ' + b"[" * ANSWER_BYTES,
    b'{"success": true, "success": false, "trace": ' + LONG,
    b'{"success": false, "trace',
    b'{"success": false,',
    b'{"success": false}<br />Notice: in line 7',
]
CUT_AND_NO_REFUSAL = [
    b'{"success": true, "trace": ' + LONG,
    b'{"result": {"success": false}, "trace": ' + LONG,
    b'{"results": [{"success": false}, "success", false], "trace": ' + LONG,
    b'{"text": "\\"success\\": false, ", "trace": ' + LONG,
    b'{"text": ",\\"success\\": false,' + LONG,
    b'{"success": "false", "trace": ' + LONG,
    b'{"success": false_alarm, "trace": ' + LONG,
    b'{"success": fal',
    b'{"success": false',
    b'{"success"',
    b'[{"success": false, "trace": ' + LONG,
    b'"success": false, ' + LONG,
    b'<p>{"success": false, "trace": ' + LONG,
    b'{"success": false, "success": true, "trace": ' + LONG,
    b'{{"success": false, "trace": ' + LONG,
    b'{1: 2, "success": false, "trace": ' + LONG,
]


@pytest.mark.parametrize("bom", [b"", BOM], ids=["plain", "BOM"])
@pytest.mark.parametrize("answer", CUT_REFUSALS)
def test_a_refusal_that_is_cut_off_is_one(answer: bytes, bom: bytes) -> None:
    assert refuses((bom + answer)[:ANSWER_BYTES])


@pytest.mark.parametrize("bom", [b"", BOM], ids=["plain", "BOM"])
@pytest.mark.parametrize("answer", CUT_AND_NO_REFUSAL)
def test_what_says_it_elsewhere_or_not_at_all_is_none(answer: bytes, bom: bytes) -> None:
    assert not refuses((bom + answer)[:ANSWER_BYTES])


@pytest.mark.parametrize(
    "piece", [b'"\\', b"[", b"{", b'"', b'\\"', b'{"a":', b'"a":1,', b" ", b"[]", b'"",', b"1"]
)
def test_an_answer_made_to_be_slow_is_not(piece: bytes) -> None:
    for head in (
        b'{"success":',
        b'{"success":false,"a":',
        b'{"success":false,"a":[',
        b'{"success"',
    ):
        answer = (head + piece * ANSWER_BYTES)[:ANSWER_BYTES]
        begun = time.perf_counter()
        refuses(answer)
        assert time.perf_counter() - begun < 0.1
