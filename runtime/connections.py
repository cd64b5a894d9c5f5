"""Connections to the database, of threads that wait."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from math import inf
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# What PostgreSQL has to say so itself when it gives a statement up.
GRACE_SECONDS = 2.0
# A connection that is asked whether it still works.
PROOF_SECONDS = 3.0

_at_most: ContextVar[float] = ContextVar("at_most", default=inf)


def give_back_connection() -> None:
    """Before a long wait: a PostgreSQL has room for a hundred or so, and each mailbox is served by
    a thread of its own, which has nothing to ask for minutes. A file takes nobody's place."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()


def drop_connection() -> None:
    """After the database failed: the next question opens it anew. A file that was opened while
    it could not be written stays so for the connection, and is said to be usable."""
    if not connection.in_atomic_block:
        connection.close()


def limit_waits(seconds: float) -> None:
    """From now on nothing that this process asks a PostgreSQL takes longer; what does is an
    OperationalError. A server that does not even say that it gave up costs the connection: TCP
    never notices a process that stands still, for which its kernel goes on answering."""
    limit = partial(_limit, seconds=seconds)
    connection_created.connect(limit, weak=False, dispatch_uid="limit_waits")


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """What this thread asks a PostgreSQL meanwhile takes no longer, in a process that limits its
    waits. Running out of it costs the connection."""
    before = _at_most.set(seconds)
    try:
        yield
    finally:
        _at_most.reset(before)


def _limit(connection: Any, seconds: float, **_: Any) -> None:
    if connection.vendor != "postgresql":
        return
    # psycopg is not imported where there is no PostgreSQL: it takes 10 MB.
    psycopg, raw = connection.Database, connection.connection
    # Of psycopg's: whatever is exchanged with the server is one call of it.
    raw.wait = partial(_wait, psycopg, raw, raw.wait, seconds + GRACE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {round(seconds * 1000)}")
    connection.is_usable = partial(_is_usable, connection)


def _is_usable(connection: BaseDatabaseWrapper) -> bool:
    """Django asks this before a page, or after a failure, and opens another if it is not."""
    with waiting_at_most(PROOF_SECONDS):
        return type(connection).is_usable(connection)


def _wait(
    psycopg: Any,
    raw: Any,
    wait: Any,
    seconds: float,
    generator: Generator[Any, Any, Any],
    **_: Any,
) -> Any:
    seconds = min(seconds, _at_most.get())
    try:
        return wait(generator, timeout=seconds)
    except psycopg.OperationalError as exc:
        if raw.pgconn.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
            raise
        raw.close()
        raise psycopg.OperationalError(f"PostgreSQL does not answer within {seconds:g} s") from exc
