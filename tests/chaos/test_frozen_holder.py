"""SIGSTOP of who holds the lock, for longer than it lasts, and SIGCONT."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.chaos.invariants import ids_by_subject
from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer

IN_FLIGHT = 8
MAILS = 60


@pytest.fixture
def disks(tmp_path: Path, relay: Relay) -> list[Path]:
    """Each poller has its own."""
    relay.options["REDIS_LOCK_TTL_SECONDS"] = "3"
    return [tmp_path / "a", tmp_path / "b"]


def test_a_frozen_holder_that_wakes_up_does_not_go_on(relay: Relay, disks: list[Path]) -> None:
    first = relay.start(disks[0])
    first.wait_line("IMAP connected", START_SECONDS)
    second = relay.start(disks[1])
    second.wait_line("Waiting for the lock", START_SECONDS)
    first.freeze()
    second.wait_line("Singleton lock acquired", timeout=12)
    second.wait_line("IMAP connected", START_SECONDS)
    relay.mailbox.append(mail())
    relay.endpoint.wait_for(1)
    first.thaw()
    first.wait_line("Singleton lock lost")
    relay.mailbox.append(mail("second"))
    eventually(lambda: relay.settled() == 2, 20)
    assert "mailbox=default state=relayed" not in first.output
    first.stop()
    second.stop()
    relay.assert_invariants(repeats=0, journals=disks)


def test_a_frozen_holder_that_wakes_up_after_the_other_has_gone_sends_nothing_of_its_queue(
    relay: Relay, disks: list[Path]
) -> None:
    """It has the lock again at once, in the same moment in which it notices the loss."""
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    relay.endpoint.answer(Answer(delay=1))
    first = relay.start(disks[0])
    relay.endpoint.wait_for(IN_FLIGHT, START_SECONDS)
    first.freeze()
    relay.endpoint.answer(Answer())
    second = relay.start(disks[1])
    eventually(lambda: relay.settled() == MAILS, START_SECONDS)
    second.stop()
    sent, thawed = len(relay.endpoint.requests), time.monotonic()
    first.thaw()
    first.wait_line("IMAP connected", after=thawed)
    first.wait_line("settled by another poller")
    time.sleep(3)
    assert len(relay.endpoint.requests) - sent <= IN_FLIGHT
    assert len(ids_by_subject(relay.endpoint)) == MAILS
    first.stop()
    relay.assert_invariants(repeats=2 * IN_FLIGHT, journals=disks)
