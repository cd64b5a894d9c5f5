"""A document as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from configstore.backends.base import JSONObject, Version
from configstore.documents import Document

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, kw_only=True)
class Current(Generic[D]):
    """A document in force and what it was made of.

    raw is what is stored, None where nothing is. version is that of what the stores hold, also
    while that is faulty: then fault says what is wrong, text shows it, and document is the last
    good one. missed names the stores that do not have the last save yet.
    """

    document: D
    raw: JSONObject | None
    version: Version
    source: str
    fault: str = ""
    text: str = ""
    passed_over: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
