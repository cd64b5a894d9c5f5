"""The stores as they are, for a run that must leave no trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from configstore.backends.base import ConfigBackend, JSONObject, Version
from configstore.backends.fallback import FallbackChain
from configstore.backends.file import FileBackend
from configstore.keeping import Keeper
from configstore.store import ConfigStore


class Unwritten(ConfigBackend):
    """Reads what the other holds; what is written is dropped."""

    def __init__(self, backend: ConfigBackend) -> None:
        self.label = backend.label
        self._backend = backend

    def read(self, name: str) -> JSONObject | None:
        return self._backend.read(name)

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        pass


def rehearsal_of(
    store: ConfigStore, folder: Path, defaults: Mapping[str, JSONObject]
) -> ConfigStore:
    """A store that also keeps no last good copies, which any other writes as it reads."""
    kept = (FileBackend(directory=folder / name) for name in ("last_good", "pending"))
    return ConfigStore(
        FallbackChain([Unwritten(backend) for backend in store.chain.backends]),
        Keeper(*(Unwritten(shelf) for shelf in kept)),
        defaults,
    )
