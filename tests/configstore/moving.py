"""Moving documents from a folder into stores in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from configstore.backends.fallback import FallbackChain
from configstore.keeping import Keeper
from configstore.migration import Migration, Options, Outcome
from configstore.sources import Source
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf


def store_of(*shelves: Shelf) -> ConfigStore:
    return ConfigStore(
        FallbackChain(list(shelves)), Keeper(Shelf("last good"), Shelf("pending")), {}
    )


def write(folder: Path, **documents: Any) -> None:
    for name, document in documents.items():
        path = folder / f"{name.replace('__', ':')}.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))


def migrate(
    store: ConfigStore, source: Source, backups: Path, *only: str, **options: bool
) -> dict[str, Outcome]:
    """What became of each document that was found."""
    outcomes = Migration(store, source, backups, Options(**options)).run(only)
    return {each.name: each for each in outcomes if not each.absent}
