"""Connections to the database, of threads that wait."""

from __future__ import annotations

from django.db import connection


def give_back_connection() -> None:
    """Before a long wait: a PostgreSQL has room for a hundred or so, and each mailbox is served by
    a thread of its own, which has nothing to ask for minutes. A file takes nobody's place."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()
