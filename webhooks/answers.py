"""What the body of an answer says, whole or cut off."""

from __future__ import annotations

import json
import re
from typing import Any

SPACE = re.compile(r"[ \t\r\n]*")
BRACKET_OR_QUOTE = re.compile(r'["{}\[\]]')
END_OF_PLAIN = re.compile(r"[,{}\[\]\s]")
STRINGS = json.JSONDecoder(strict=False)


def refuses(answer: bytes) -> bool:
    """Whether this is a JSON object whose own "success" is false."""
    if b'"success"' not in answer:
        return False
    try:
        value: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return _refuses_at_its_beginning(answer)
    return isinstance(value, dict) and value.get("success") is False


def _refuses_at_its_beginning(answer: bytes) -> bool:
    """The same of a text that is no JSON as a whole, because it was cut off or goes on after
    its end: as far as it can be read. Takes linear time and no recursion."""
    text = answer.decode(json.detect_encoding(answer), "replace").removeprefix("\ufeff")
    success = ""
    try:
        at = _expect(text, 0, "{")
        while True:
            key, at = STRINGS.raw_decode(text, _after_space(text, at))
            if not isinstance(key, str):
                break
            start = _after_space(text, _expect(text, at, ":"))
            at = _after_value(text, start)
            if key == "success":
                success = text[start:at]
            at = _expect(text, at, ",")
    except (ValueError, RecursionError):
        pass  # here it ends, or makes no sense any more
    return success == "false"


def _after_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    at = _after_space(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"no {sign} at {at}")
    return at + 1


def _after_value(text: str, at: int) -> int:
    if text.startswith('"', at):
        return STRINGS.raw_decode(text, at)[1]
    if text.startswith(("{", "["), at):
        return _after_brackets(text, at)
    end = END_OF_PLAIN.search(text, at)
    if end is None:
        raise ValueError("cut off inside a value")
    return end.start()


def _after_brackets(text: str, at: int) -> int:
    depth = 0
    while True:
        found = BRACKET_OR_QUOTE.search(text, at)
        if found is None:
            raise ValueError("cut off inside brackets")
        if found[0] == '"':
            at = STRINGS.raw_decode(text, found.start())[1]
            continue
        depth += 1 if found[0] in "{[" else -1
        at = found.end()
        if depth == 0:
            return at
