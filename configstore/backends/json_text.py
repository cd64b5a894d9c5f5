"""JSON text as the stores hold it."""

from __future__ import annotations

import json
from typing import Any

from configstore.backends.base import DocumentCorrupt, JSONObject


def decode(text: str | bytes, where: str) -> JSONObject:
    """The JSON object in text. Raises DocumentCorrupt with `where`, line and column."""
    try:
        value: Any = json.loads(text)
    except UnicodeDecodeError:
        raise DocumentCorrupt(f"{where} is not UTF-8") from None
    except json.JSONDecodeError as exc:
        problem = f"{where} is not JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}"
        raise DocumentCorrupt(problem) from None
    if not isinstance(value, dict):
        raise DocumentCorrupt(f"{where} holds a {type(value).__name__}, not a JSON object")
    return value
