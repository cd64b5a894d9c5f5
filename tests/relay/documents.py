"""Documents as somebody puts them into the file store of a container."""

from __future__ import annotations

import json
from pathlib import Path

from configstore.documents import mailbox_document


def write(folder: Path, name: str, /, **fields: object) -> None:
    """At once: a reader finds the former document or this one."""
    store = folder / "config"
    store.mkdir(parents=True, exist_ok=True)
    waiting = store / f".{name}.waiting"
    waiting.write_text(json.dumps(fields))
    waiting.rename(store / f"{name}.json")


def describe(folder: Path, mailbox: str = "default", /, **fields: object) -> None:
    write(folder, mailbox_document(mailbox), **fields)
