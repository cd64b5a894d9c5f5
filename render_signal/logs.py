"""How an event gets into the log: as one line, plain or JSON, whatever its text contains."""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from runtime.log_context import context_fields

# What ends a line or changes the look of one: mails and receivers choose what they send.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
# A value and the name it goes by: `webhook_id=%s`, `mailbox %s`.
VALUE = re.compile(r"(?:\b(\w+)=|\b([Mm]ailbox) )?%(?:(%)|[-#0 +]*\d*(?:\.\d+)?[a-zA-Z])")
PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"


class WithoutTraceback(logging.Filter):
    """The sentence says it all; where in Django it was noticed helps nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


class PlainFormatter(logging.Formatter):
    """What the line is about follows its sentence where that does not say it, then a traceback,
    all on the same line. Times are UTC, and say so."""

    default_msec_format = "%s,%03dZ"

    def __init__(self) -> None:
        super().__init__(PLAIN)
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        record.message = _sentence(record)
        record.asctime = self.formatTime(record)
        line = self.formatMessage(record)
        named = {name for name, _ in _named(record)}
        about = [f"{name}={value}" for name, value in context_fields().items() if name not in named]
        if about:
            line = f"{line} [{' '.join(about)}]"
        if traceback := _traceback(self, record):
            line = f"{line} | {traceback}"
        return UNPRINTABLE.sub(lambda found: _escaped(found[0]), line)


class JsonFormatter(logging.Formatter):
    """One object a line. The values that the sentence names are fields of their own: by
    mailbox, uid, message_id, webhook_id, endpoint and attempt a mail is followed to its tries."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _sentence(record),
        }
        event |= {name: value for name, value in _named(record) if name not in event}
        event |= {name: value for name, value in context_fields().items() if name not in event}
        if traceback := _traceback(self, record):
            event["traceback"] = traceback
        text = json.dumps(event, ensure_ascii=False, allow_nan=False)
        return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _sentence(record: logging.LogRecord) -> str:
    """Where sentence and values do not fit, logging would print its own traceback instead."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """ "" if the event has none."""
    texts = [formatter.formatException(record.exc_info)] if record.exc_info else []
    if record.stack_info:
        texts.append(formatter.formatStack(record.stack_info))
    return "\n".join(texts)


def _named(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    """By the sentence as it stands in the code: what is put into it can name nothing."""
    names = _names(str(record.msg))
    if not isinstance(record.args, tuple) or len(record.args) != len(names):
        return
    for name, value in zip(names, record.args, strict=True):
        if name:
            yield name, value if _is_number(value) else str(value)


@lru_cache(maxsize=1000)
def _names(sentence: str) -> tuple[str, ...]:
    """Of its values, "" for one that goes by none."""
    found = (value for value in VALUE.finditer(sentence) if not value[3])
    return tuple(value[1] or (value[2] or "").lower() for value in found)


def _is_number(value: object) -> bool:
    """JSON knows no infinity, and nothing that is not a number."""
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
