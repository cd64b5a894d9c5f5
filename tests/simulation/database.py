"""Databases in memory, each as new as a disk that was just made."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any, cast

from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

# Those that a story writes into; the ones that point to others come first.
TABLES = (
    *("polling_mail", "polling_mailboxstate", "polling_knownterm"),
    *("webhooks_attempt", "webhooks_delivery", "webhooks_searchkey", "webhooks_endpointstate"),
    "sqlite_sequence",
)


class Database:
    """One disk. use() makes it that of whoever works now."""

    def __init__(self) -> None:
        settings: dict[str, Any] = {**connections.settings["default"], "NAME": ":memory:"}
        options = {"transaction_mode": "IMMEDIATE", "cached_statements": 1000}
        settings |= {"OPTIONS": options, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
        self.wrapper = DatabaseWrapper(settings, "default")
        self.wrapper.ensure_connection()
        # In which step it was lost last.
        self.lost_at = -1

    @property
    def raw(self) -> sqlite3.Connection:
        return cast(sqlite3.Connection, self.wrapper.connection)

    def use(self) -> None:
        connections["default"] = self.wrapper

    @property
    def in_transaction(self) -> bool:
        return self.wrapper.in_atomic_block

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.raw.execute(query, values).fetchall()

    def lose(self, step: int = -1) -> None:
        """A new disk, in its place."""
        self.lost_at = step
        for table in TABLES:
            self.raw.execute(f"DELETE FROM {table}")  # noqa: S608  # one of the above


_shelf: list[Database] = []


@cache
def _migrated() -> bytes:
    database = Database()
    before = connections["default"]
    database.use()
    try:
        call_command("migrate", verbosity=0)
    finally:
        connections["default"] = before
    return database.raw.serialize()


def take() -> Database:
    """One that is empty. Give it back afterwards: to make one costs more than to clean one."""
    if _shelf:
        database = _shelf.pop()
    else:
        database = Database()
        database.raw.deserialize(_migrated())
    database.lose()
    return database


def give_back(database: Database) -> None:
    _shelf.append(database)
