"""A document as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from configstore.backends.base import JSONObject, Version
from configstore.backends.fallback import Reading
from configstore.document import Document

D = TypeVar("D", bound=Document)


class ConfigurationUnknown(Exception):
    """No store can be asked, and there is no last good document to go on with.

    Defaults would open gates that somebody may have closed, so nothing may be done.
    """


class DocumentFaulty(ConfigurationUnknown):
    """What the stores hold makes no sense, and no good document is known. reading shows it."""

    def __init__(self, sentence: str, reading: Reading) -> None:
        super().__init__(sentence)
        self.reading = reading


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


@dataclass
class Held:
    """What the store holds in memory of a document. read_at is on the store's own clock."""

    document: Document
    raw: JSONObject | None
    source: str
    read_at: float
    fault: str = ""
    seen: Mapping[str, Version] = field(default_factory=dict)
