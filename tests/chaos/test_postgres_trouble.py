"""PostgreSQL ends connections exactly in the middle of a claim, of a settlement, of an intake."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import psycopg
import pytest
from redis import Redis

from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.killed import START_SECONDS
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox
from tests.servers.postgres import PostgresServer

MAILS = 4
# The table that a transaction comes to after it has written to another one.
SECOND_TABLES = {
    "claim": "webhooks_attempt",
    "settlement": "webhooks_attempt",
    "intake": "webhooks_delivery",
}
WAITING = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
Blow = Callable[[psycopg.Connection, PostgresServer], None]


def end_connections(connection: psycopg.Connection, server: PostgresServer) -> None:
    for (pid,) in connection.execute(WAITING).fetchall():
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])


def crash(connection: psycopg.Connection, server: PostgresServer) -> None:
    """One of its processes is killed: it ends all others, and recovers."""
    ((pid,), *_) = connection.execute(WAITING).fetchall()
    os.kill(pid, signal.SIGKILL)


def restart(connection: psycopg.Connection, server: PostgresServer) -> None:
    server.restart()


@pytest.mark.parametrize(
    ("blow", "middle"),
    [
        pytest.param(end_connections, "intake", marks=pytest.mark.thorough),
        pytest.param(end_connections, "claim", marks=pytest.mark.thorough),
        pytest.param(end_connections, "settlement", marks=pytest.mark.thorough),
        (crash, "settlement"),
        pytest.param(restart, "claim", marks=pytest.mark.thorough),
    ],
)
def test_a_connection_that_ends_in_a_transaction_loses_and_doubles_nothing(
    mailbox: Mailbox,
    endpoint: Endpoint,
    postgres_server: PostgresServer,
    postgres_url: str,
    redis_url: str,
    make_runpoller: MakeRunpoller,
    blow: Blow,
    middle: str,
) -> None:
    endpoint.answer(Answer(delay=1.5))
    runpoller = make_runpoller(
        mailbox=mailbox, endpoint=endpoint, DATABASE_URL=postgres_url, REDIS_URL=redis_url
    )
    runpoller.wait_line("IMAP connected", START_SECONDS)
    if middle == "settlement":
        mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
        endpoint.wait_for(MAILS, 30)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        holder = psycopg.connect(postgres_url)
        holder.execute(f"LOCK TABLE {SECOND_TABLES[middle]} IN EXCLUSIVE MODE".encode())
        if middle != "settlement":
            mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
        eventually(lambda: bool(connection.execute(WAITING).fetchall()), 30)
        blow(connection, postgres_server)
        holder.close()
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == MAILS, 60)
    time.sleep(1)
    runpoller.stop()
    with Redis.from_url(redis_url) as redis:
        assert_invariants(
            Aftermath(
                mailboxes=[mailbox],
                endpoint=endpoint,
                journals=[postgres_url],
                commands=[runpoller],
                redis=redis,
            )
        )
