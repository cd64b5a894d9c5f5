"""How it goes with what documents describe: what only a package above knows.

It registers its look with its models, in its admin module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wellbeing:
    """In the reader's language and free of secrets. ok None: neither well nor in trouble, as
    somebody wants it so. paused: why it waits until a person resumes it."""

    sentence: str
    ok: bool | None
    waiting: int = 0
    dead: int = 0
    paused: str = ""


Look = Callable[[], Mapping[str, Wellbeing]]
"""All of a kind by name. Raises ConfigurationUnknown."""

_looks: dict[str, Look] = {}


def register_look(kind: str, look: Look) -> None:
    _looks[kind] = look


def wellbeing_of(kind: str) -> Mapping[str, Wellbeing]:
    """Raises ConfigurationUnknown."""
    look = _looks.get(kind)
    return look() if look else {}
