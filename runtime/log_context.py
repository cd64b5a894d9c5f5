"""What the lines of the log are about, said once for all that is logged on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_fields: ContextVar[Mapping[str, str | int]] = ContextVar("log_context")


@contextmanager
def log_context(**fields: str | int) -> Iterator[None]:
    """What this thread logs inside is about that: a mail by its mailbox and uid, and by its
    message_id once it has one. An inner context adds to the outer one; an empty value adds
    nothing."""
    known = {name: value for name, value in fields.items() if value != ""}
    token = _fields.set({**_fields.get({}), **known})
    try:
        yield
    finally:
        _fields.reset(token)


def context_fields() -> Mapping[str, str | int]:
    """What a line that is logged now is about."""
    return _fields.get({})
