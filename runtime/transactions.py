"""Transactions of a process that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

IDLE_SECONDS = 5


def limit_idle_transactions() -> None:
    """From now on PostgreSQL ends a transaction of this process in which nothing happens for so
    long. A container that is frozen or cut off would keep its rows from whoever takes over, until
    TCP notices; SQLite's locks end with the process."""
    connection_created.connect(_limit, dispatch_uid="limit_idle_transactions")


def _limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")


def execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """As executemany() does, which psycopg sends as a pipeline: after one, PostgreSQL does not take
    a transaction for idle, however long a frozen process keeps it open."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(statement, rows)
            return
        for row in rows:
            cursor.execute(statement, row)
