"""JSON text as the stores hold it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from configstore.backends.base import DocumentCorrupt, JSONObject, Version

ABSENT: Version = ""
DEEPEST = 100
# As json.dumps writes it, unless the backslash is itself an escaped one.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def decode(text: str | bytes, where: str) -> JSONObject:
    """The JSON object in text. Raises DocumentCorrupt with `where`, line and column."""
    try:
        return _object(text, where)
    except DocumentCorrupt as exc:
        exc.text = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
        raise


def _object(text: str | bytes, where: str) -> JSONObject:
    try:
        value: Any = json.loads(text, parse_constant=_no_number)
        encode(value)
    except UnicodeDecodeError:
        raise DocumentCorrupt(f"{where} is not UTF-8") from None
    except UnicodeEncodeError:
        raise DocumentCorrupt(f"{where} contains half a character (a lone surrogate)") from None
    except json.JSONDecodeError as exc:
        problem = f"{where} is not JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}"
        raise DocumentCorrupt(problem) from None
    except RecursionError:
        raise DocumentCorrupt(f"{where} is nested too deeply") from None
    except ValueError:
        raise DocumentCorrupt(f"{where} contains a number that is none or is too long") from None
    if _is_too_deep(value):
        raise DocumentCorrupt(f"{where} is nested too deeply")
    if _holds_nul(value):
        raise DocumentCorrupt(f"{where} contains the character \\u0000, which databases refuse")
    if not isinstance(value, dict):
        raise DocumentCorrupt(f"{where} holds a {type(value).__name__}, not a JSON object")
    return value


def encode(document: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8. Raises UnicodeEncodeError for what that cannot hold."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent).encode()


def pretty(document: JSONObject | None) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def version_of(document: JSONObject | None) -> Version:
    """ABSENT for None. The order of fields does not matter, nor what PHP cannot keep apart:
    an empty object and an empty list, 5.0 and 5."""
    if document is None:
        return ABSENT
    return _digest(json.dumps(_plain(document), sort_keys=True, ensure_ascii=True).encode())


def version_of_text(text: str | bytes | None) -> Version:
    """The version of what a store holds, also where that is no document."""
    if text is None:
        return ABSENT
    try:
        return version_of(decode(text, ""))
    except DocumentCorrupt as exc:
        return version_of_corrupt(exc)


def version_of_corrupt(error: DocumentCorrupt) -> Version:
    return _digest(b"corrupt\0" + error.text.encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()} or []
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _digest(content: bytes) -> Version:
    return hashlib.sha256(content).hexdigest()[:16]


def _is_too_deep(value: Any) -> bool:
    """Far below the depth at which Python gives up, wherever a document is walked through."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def _holds_nul(value: Any) -> bool:
    """Also in the name of a field. PostgreSQL keeps none in jsonb, nor does a header hold one."""
    return _NUL.search(json.dumps(value)) is not None


def _no_number(name: str) -> float:
    """Python reads NaN and Infinity, which are not JSON (RFC 8259, 6)."""
    raise ValueError(name)
