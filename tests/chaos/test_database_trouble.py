"""A database that cannot be written to when a webhook was accepted: it is settled later."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.chaos import journal
from tests.chaos.killed import Relay
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer
from tests.servers.runpoller import ManageCommand

ANSWER_SECONDS = 1.5
MAILS = 12  # more than are under way at once
IN_FLIGHT = 8


def begin(relay: Relay) -> ManageCommand:
    """Deliveries are under way, and others wait."""
    relay.endpoint.answer(Answer(delay=ANSWER_SECONDS))
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    runpoller = relay.start()
    relay.endpoint.wait_for(IN_FLIGHT)
    return runpoller


def assert_all_relayed_once(relay: Relay, runpoller: ManageCommand) -> None:
    eventually(lambda: relay.settled() == MAILS, 40)
    ids = [request.headers["webhook-id"] for request in relay.endpoint.requests]
    assert len(ids) == len(set(ids)) == MAILS
    assert journal.tries(relay.folder) == dict.fromkeys(ids, ["delivered"])
    runpoller.stop()
    relay.assert_invariants(repeats=0)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    path = folder / "db.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(runpoller: ManageCommand) -> Iterator[None]:
    """No file of the process can grow."""
    number = resource.RLIMIT_FSIZE
    soft, hard = resource.prlimit(runpoller.pid, number)
    resource.prlimit(runpoller.pid, number, (0, hard))
    yield
    if runpoller.returncode is None:
        resource.prlimit(runpoller.pid, number, (soft, hard))


# The second is longer than a writer waits for its turn, and than a lease.
@pytest.mark.parametrize("seconds", [10, 24])
def test_a_lock_of_somebody_else_delays_what_was_accepted_and_repeats_nothing(
    relay: Relay, seconds: float
) -> None:
    runpoller = begin(relay)
    with locked(relay.folder):
        time.sleep(seconds)
        assert len(relay.endpoint.requests) == IN_FLIGHT
    assert_all_relayed_once(relay, runpoller)


def test_a_full_disk_stops_all_claims_until_there_is_room(relay: Relay) -> None:
    runpoller = begin(relay)
    with full(runpoller):
        runpoller.wait_line("The database failed; deliveries go on in 2 s")
        time.sleep(6)
        assert len(relay.endpoint.requests) == IN_FLIGHT
        assert "delivered" not in journal.states(relay.folder).values()
    assert_all_relayed_once(relay, runpoller)


def test_a_kill_while_the_disk_is_full_repeats_what_was_under_way(relay: Relay) -> None:
    runpoller = begin(relay)
    with full(runpoller):
        runpoller.wait_line("The database failed; deliveries go on in 2 s")
        runpoller.kill()
        relay.endpoint.answer(Answer())
    relay.finish(MAILS, repeats=IN_FLIGHT)
    ids = [request.headers["webhook-id"] for request in relay.endpoint.requests]
    assert len(ids) == MAILS + IN_FLIGHT
    assert len(set(ids)) == MAILS
