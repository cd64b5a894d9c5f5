"""Configuration documents that live in a test."""

from __future__ import annotations

from configstore.backends.base import ConfigBackend, JSONObject, Version
from configstore.backends.fallback import FallbackChain
from configstore.keeping import Keeper
from configstore.store import ConfigStore


class Memory(ConfigBackend):
    label = "memory"

    def __init__(self) -> None:
        self.documents: dict[str, JSONObject] = {}

    def read(self, name: str) -> JSONObject | None:
        return self.documents.get(name)

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        assert document is not None
        self.documents[name] = document


def store_of(documents: Memory) -> ConfigStore:
    return ConfigStore(FallbackChain([documents]), Keeper(Memory(), Memory()), {})
