"""What a PostgreSQL may take for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from render_signal.env import Env
from render_signal.stores import database
from runtime import connections
from runtime.connections import limit_waits, waiting_at_most
from tests.servers.fixtures import MakeProxy
from tests.servers.postgres import PostgresServer
from tests.servers.proxy import Proxy

SECONDS = 0.3


@pytest.fixture
def proxy(postgres_server: PostgresServer, postgres_url: str, make_proxy: MakeProxy) -> Proxy:
    return make_proxy(postgres_server.port)


@pytest.fixture
def impatient(
    proxy: Proxy,
    postgres_server: PostgresServer,
    postgres_url: str,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[BaseDatabaseWrapper]:
    """A connection of a process that waits for little."""
    monkeypatch.setattr(connections, "GRACE_SECONDS", SECONDS)
    url = postgres_url.replace(f":{postgres_server.port}/", f":{proxy.port}/")
    declared = database(Env({"DATABASE_URL": url}), Path())
    limit_waits(SECONDS)
    with django_db_blocker.unblock():
        connection = ConnectionHandler({"default": declared})["default"]
        yield connection
        connection.close()
    connection_created.disconnect(dispatch_uid="limit_waits")


def ask(connection: BaseDatabaseWrapper, query: str = "SELECT 1") -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)


def test_a_statement_that_takes_too_long_is_given_up_and_the_connection_stays(
    impatient: BaseDatabaseWrapper,
) -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        ask(impatient, "SELECT pg_sleep(60)")
    assert impatient.is_usable()


def test_a_server_that_stands_still_costs_the_connection(
    impatient: BaseDatabaseWrapper, proxy: Proxy
) -> None:
    ask(impatient)
    proxy.blackhole()
    with pytest.raises(OperationalError, match="PostgreSQL does not answer within 0.6 s"):
        ask(impatient)
    impatient.close_if_unusable_or_obsolete()
    assert impatient.connection is None


def test_a_transaction_ends_with_it(impatient: BaseDatabaseWrapper, proxy: Proxy) -> None:
    impatient.set_autocommit(False)
    ask(impatient)
    proxy.blackhole()
    with pytest.raises(OperationalError, match="PostgreSQL does not answer"):
        impatient.commit()


def test_one_that_was_lost_without_a_word_is_replaced_before_the_limit_of_a_statement(
    impatient: BaseDatabaseWrapper, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "GRACE_SECONDS", 600.0)
    monkeypatch.setattr(connections, "PROOF_SECONDS", SECONDS)
    impatient.close()
    ask(impatient)
    lost: psycopg.Connection = impatient.connection
    proxy.freeze()
    impatient.close_if_unusable_or_obsolete()  # as at the beginning of a page
    ask(impatient)
    assert lost.closed
    assert impatient.connection is not lost


def test_who_has_less_time_waits_less(impatient: BaseDatabaseWrapper, proxy: Proxy) -> None:
    ask(impatient)
    proxy.blackhole()
    with (
        waiting_at_most(0.1),
        pytest.raises(OperationalError, match="PostgreSQL does not answer within 0.1 s"),
    ):
        ask(impatient)
