"""Several processes on one PostgreSQL."""

from __future__ import annotations

import psycopg

from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.postgres import PostgresServer


def test_a_mail_that_another_process_has_sent_is_marked_at_once(
    mailbox: Mailbox, postgres_url: str, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, DATABASE_URL=postgres_url)  # and no WEBHOOK_URL
    mailbox.append(mail())
    runpoller.wait_line("mailbox=default state=relayed")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("UPDATE webhooks_delivery SET state = 'delivered', settled_at = now()")
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 1, 6)
    assert runpoller.stop() < 5


def test_a_postgres_that_restarts_costs_no_mail(
    mailbox: Mailbox,
    endpoint: Endpoint,
    postgres_server: PostgresServer,
    postgres_url: str,
    make_runpoller: MakeRunpoller,
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, DATABASE_URL=postgres_url)
    mailbox.append(mail("before"))
    endpoint.wait_for(1)
    postgres_server.stop()
    mailbox.append(mail("meanwhile"))
    runpoller.wait_line("The database failed")
    postgres_server.start()
    endpoint.wait_for(2, timeout=30)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 2, 15)
    assert [request.json["subject"] for request in endpoint.requests] == ["before", "meanwhile"]
    assert runpoller.stop() < 5


def test_a_poller_that_freezes_in_a_transaction_keeps_its_rows_for_seconds(
    mailbox: Mailbox, endpoint: Endpoint, postgres_url: str, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, DATABASE_URL=postgres_url)
    runpoller.wait_line("IMAP connected")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("LOCK TABLE webhooks_delivery IN EXCLUSIVE MODE")
            mailbox.append(mail())
            eventually(lambda: is_in_the_middle_of_its_mail(connection))
            runpoller.freeze()
        connection.execute("SET lock_timeout = '10s'")
        with connection.transaction():
            connection.execute("LOCK TABLE polling_mail IN ACCESS EXCLUSIVE MODE")
    runpoller.thaw()
    endpoint.wait_for(1, timeout=20)


def is_in_the_middle_of_its_mail(connection: psycopg.Connection) -> bool:
    """Somebody has written a mail and not committed it."""
    mails = "SELECT 1 FROM pg_locks WHERE relation = 'polling_mail'::regclass"
    return connection.execute(f"{mails} AND mode = 'RowExclusiveLock'").fetchone() is not None
