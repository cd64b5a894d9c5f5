"""What a process with many mailboxes takes of a PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.polling.examples import mail
from tests.relay.documents import describe
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeImap

# The watch over the configuration, the dispatcher, and whoever asks.
BESIDES = 3
NAMES = [f"m{number}" for number in range(12)]


def test_a_mailbox_in_which_nothing_happens_keeps_no_connection(
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_imap: MakeImap,
    postgres_url: str,
    folder: Path,
) -> None:
    server = make_imap()
    fields = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "none"}
    describe(folder, mailboxes=NAMES)
    for name in NAMES:
        described = {**fields, "imap_user": f"{name}@relay.example", "imap_password": "x"}
        describe(folder, name, **described)
    make_runpoller(endpoint=endpoint, DATABASE_URL=postgres_url)
    eventually(lambda: len(server.named("IDLE")) >= len(NAMES), 40)
    with psycopg.connect(postgres_url) as client:

        def connected() -> int:
            query = "select count(*) from pg_stat_activity where datname = current_database()"
            row = client.execute(query).fetchone()
            assert row is not None
            client.rollback()
            return int(row[0])

        eventually(lambda: connected() <= BESIDES, 20)
    server.add(mail("they come back when there is something to do").as_bytes())
    endpoint.wait_for(len(NAMES))
