"""A deployment migrates the database while the worker of the release before goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.relay.waiting import eventually

# What the next release may do: it adds, and what it adds may be left out.
NEXT_RELEASE = [
    "ALTER TABLE webhooks_delivery ADD COLUMN next_release text NULL",
    "ALTER TABLE webhooks_attempt ADD COLUMN next_release integer NOT NULL DEFAULT 0",
    "ALTER TABLE polling_mail ADD COLUMN next_release text NULL",
    "ALTER TABLE polling_mailboxstate ADD COLUMN next_release text NOT NULL DEFAULT ''",
    "CREATE INDEX next_release_mail ON polling_mail (next_release)",
    "CREATE TABLE next_release (id integer PRIMARY KEY, name text)",
    "INSERT INTO django_migrations (app, name, applied)"
    " VALUES ('webhooks', '9999_next_release', CURRENT_TIMESTAMP)",
]
BEFORE, AFTER = 10, 10


def apply(url: str) -> None:
    if url.startswith("postgres"):
        with psycopg.connect(url) as postgres:
            for statement in NEXT_RELEASE:
                postgres.execute(statement.encode())
        return
    path = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as sqlite:
        sqlite.execute("BEGIN IMMEDIATE")
        for statement in NEXT_RELEASE:
            sqlite.execute(statement)
        sqlite.execute("COMMIT")


@pytest.mark.parametrize("journal", ["sqlite", "postgres"])
def test_a_worker_goes_on_with_a_schema_that_is_newer_than_it(
    relay: Relay, request: pytest.FixtureRequest, journal: str
) -> None:
    if journal == "postgres":
        relay.use(request.getfixturevalue("postgres_url"))
    runpoller = relay.start()
    relay.mailbox.drop([mail(f"before {number}") for number in range(BEFORE)])
    relay.endpoint.wait_for(BEFORE // 2, START_SECONDS)
    apply(runpoller.environment["DATABASE_URL"])
    relay.mailbox.drop([mail(f"after {number}") for number in range(AFTER)])
    eventually(lambda: relay.settled() == BEFORE + AFTER, 30)
    assert "The database failed" not in runpoller.output
    runpoller.stop()
    relay.assert_invariants(repeats=0)


def test_a_worker_that_restarts_takes_up_the_newer_schema(relay: Relay) -> None:
    """A release that is taken back: the old worker starts on the database of the new one."""
    relay.start().wait_line("IMAP connected", START_SECONDS)
    relay.commands[0].stop()
    apply(relay.commands[0].environment["DATABASE_URL"])
    relay.mailbox.append(mail())
    relay.finish(repeats=0)
