"""Connections to the database, of threads that wait."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

# What PostgreSQL has to say so itself when it gives a statement up.
GRACE_SECONDS = 2.0


def give_back_connection() -> None:
    """Before a long wait: a PostgreSQL has room for a hundred or so, and each mailbox is served by
    a thread of its own, which has nothing to ask for minutes. A file takes nobody's place."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()


def limit_waits(seconds: float) -> None:
    """From now on nothing that this process asks a PostgreSQL takes longer; what does is an
    OperationalError. A server that does not even say that it gave up costs the connection: TCP
    never notices a process that stands still, for which its kernel goes on answering."""
    limit = partial(_limit, seconds=seconds)
    connection_created.connect(limit, weak=False, dispatch_uid="limit_waits")


def _limit(connection: BaseDatabaseWrapper, seconds: float, **_: Any) -> None:
    if connection.vendor != "postgresql":
        return
    raw: psycopg.Connection = connection.connection
    # Of psycopg's: whatever is exchanged with the server is one call of it.
    raw.wait = partial(_wait, raw, raw.wait, seconds + GRACE_SECONDS)  # type: ignore[method-assign]
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {round(seconds * 1000)}")


def _wait(
    raw: psycopg.Connection,
    wait: Any,
    seconds: float,
    generator: Generator[Any, Any, Any],
    **_: Any,
) -> Any:
    try:
        return wait(generator, timeout=seconds)
    except psycopg.OperationalError as exc:
        if raw.pgconn.transaction_status != TransactionStatus.ACTIVE:
            raise
        raw.close()
        raise psycopg.OperationalError(f"PostgreSQL does not answer within {seconds:g} s") from exc
