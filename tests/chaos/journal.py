"""The journal of a relay, read beside its processes, or after their death."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

# The disk of a container with its SQLite, or the DATABASE_URL of a PostgreSQL.
Journal = Path | str

SERVER_SECONDS = 5.0
DELIVERIES = "SELECT webhook_id, state FROM webhooks_delivery"
TRIES = (
    "SELECT webhook_id, outcome FROM webhooks_delivery"
    " JOIN webhooks_attempt ON delivery_id = webhooks_delivery.id ORDER BY number"
)

OTHERS = (
    "SELECT query FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def rows(journal: Journal, query: str) -> list[Any]:
    if isinstance(journal, str):
        with psycopg.connect(journal, connect_timeout=5) as connection:
            return connection.execute(query.encode()).fetchall()
    with closing(sqlite3.connect(journal / "db.sqlite3", timeout=20)) as database:
        return database.execute(query).fetchall()


def states(journal: Journal) -> dict[str, str]:
    """Of all deliveries, by their webhook-ids."""
    return dict(rows(journal, DELIVERIES))


def tries(journal: Journal) -> dict[str, list[str]]:
    """How the tries of each delivery ended, the first one first."""
    found = defaultdict(list)
    for name, outcome in rows(journal, TRIES):
        found[name].append(outcome)
    return dict(found)


def mails(journal: Journal) -> list[str]:
    """The states of all mails."""
    return [state for (state,) in rows(journal, "SELECT state FROM polling_mail ORDER BY uid")]


def dead(journal: Journal) -> list[str]:
    """The subjects of the dead letters, and of what a person cancelled."""
    query = "SELECT subject FROM webhooks_delivery WHERE state IN ('dead', 'cancelled')"
    return [subject for (subject,) in rows(journal, query)]


def damage(journal: Journal) -> list[str]:
    """What is wrong with a database that nobody uses any more: none is damaged or locked."""
    if isinstance(journal, str):
        left = _others_after_a_while(journal)
        return [f"a connection to PostgreSQL is left: {query}" for (query,) in left]
    with closing(sqlite3.connect(journal / "db.sqlite3", timeout=1)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
            found = [text for (text,) in database.execute("PRAGMA integrity_check")]
        except sqlite3.DatabaseError as exc:
            found = [str(exc)]
    return [f"{journal}: {text}" for text in found if text != "ok"]


def _others_after_a_while(journal: str) -> list[Any]:
    """The server sees the end of a client a moment after it."""
    ends = time.monotonic() + SERVER_SECONDS
    while (left := rows(journal, OTHERS)) and time.monotonic() < ends:
        time.sleep(0.1)
    return left
