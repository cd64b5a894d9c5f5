"""A store that does as it is told, in memory."""

from __future__ import annotations

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.json_text import version_of


class Shelf(ConfigBackend):
    def __init__(self, label: str) -> None:
        self.label = label
        self.documents: dict[str, JSONObject] = {}
        self.away = False
        self.corrupt = self.corrupt_text = ""
        self.full = False
        self.forgets_to_answer = False
        self.reads = 0

    def read(self, name: str) -> JSONObject | None:
        self.reads += 1
        if self.away:
            raise StoreUnavailable("gone fishing")
        if self.corrupt:
            raise DocumentCorrupt(self.corrupt, self.corrupt_text)
        return self.documents.get(name)

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        if self.away:
            raise StoreUnavailable("gone fishing")
        if expected is not None and version_of(self.documents.get(name)) != expected:
            raise DocumentChanged(name)
        if self.full:
            raise StoreUnavailable("no space left")
        if document is None:
            self.documents.pop(name, None)
        else:
            self.documents[name] = document
        if self.forgets_to_answer:
            raise StoreUnavailable("the answer was lost")
