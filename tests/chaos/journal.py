"""The journal of a container, read from its disk beside the process, or after its death."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any


def _rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=20)) as database:
        return database.execute(query).fetchall()


def states(folder: Path) -> dict[str, str]:
    """Of all deliveries, by their webhook-ids."""
    return dict(_rows(folder, "SELECT webhook_id, state FROM webhooks_delivery"))


def tries(folder: Path) -> dict[str, list[str]]:
    """How the tries of each delivery ended, the first one first."""
    found = defaultdict(list)
    query = (
        "SELECT webhook_id, outcome FROM webhooks_delivery"
        " JOIN webhooks_attempt ON delivery_id = webhooks_delivery.id ORDER BY number"
    )
    for name, outcome in _rows(folder, query):
        found[name].append(outcome)
    return dict(found)


def mails(folder: Path) -> list[str]:
    """The states of all mails."""
    return [state for (state,) in _rows(folder, "SELECT state FROM polling_mail ORDER BY uid")]
