"""What may happen to the file of an SQLite database."""

from __future__ import annotations

import os
import time

import pytest
from django.db import connection

from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer

MAILS = 12
IN_FLIGHT = 8
# Root may write to any file, unless it gives that away.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.usefixtures("committed_database")
def test_what_is_committed_is_on_the_disk() -> None:
    """So a power cut takes nothing of it."""
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")
        }
    assert found == {"synchronous": 2, "journal_mode": "wal"}


def test_a_file_that_cannot_be_written_is_told_and_waited_for(relay: Relay) -> None:
    relay.start().wait_line("IMAP connected", START_SECONDS)
    relay.commands[0].stop()
    database = relay.folder / "db.sqlite3"
    database.chmod(0o444)
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    relay.options["prefix"] = AS_ANYBODY if os.geteuid() == 0 else []
    runpoller = relay.start()
    runpoller.wait_line("readonly database", START_SECONDS)
    time.sleep(3)
    assert (relay.endpoint.requests, relay.settled()) == ([], 0)
    assert runpoller.returncode is None
    database.chmod(0o644)
    eventually(lambda: relay.settled() == MAILS, 60)
    runpoller.stop()
    relay.assert_invariants(repeats=0)


def test_the_loss_of_the_write_ahead_log_loses_no_mail(relay: Relay) -> None:
    relay.endpoint.answer(Answer(delay=0.5))
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    runpoller = relay.start()
    relay.endpoint.wait_for(IN_FLIGHT, START_SECONDS)
    runpoller.kill()
    (relay.folder / "db.sqlite3-wal").unlink()
    (relay.folder / "db.sqlite3-shm").unlink()
    relay.finish(MAILS, repeats=IN_FLIGHT, complete=False)
