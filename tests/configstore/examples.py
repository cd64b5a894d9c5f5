"""A store that does as it is told, in memory."""

from __future__ import annotations

from configstore.backends.base import ConfigBackend, DocumentCorrupt, JSONObject, StoreUnavailable


class Shelf(ConfigBackend):
    def __init__(self, label: str) -> None:
        self.label = label
        self.documents: dict[str, JSONObject] = {}
        self.away = False
        self.corrupt = ""
        self.reads = 0

    def read(self, name: str) -> JSONObject | None:
        self.reads += 1
        if self.away:
            raise StoreUnavailable("gone fishing")
        if self.corrupt:
            raise DocumentCorrupt(self.corrupt)
        return self.documents.get(name)

    def write(self, name: str, document: JSONObject) -> None:
        if self.away:
            raise StoreUnavailable("gone fishing")
        self.documents[name] = document
