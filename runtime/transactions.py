"""Transactions of a process that stands still."""

from __future__ import annotations

from typing import Any

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
