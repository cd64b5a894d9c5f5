"""kill -9 at any moment: nothing lost, and a repeat carries the id of the first."""

from __future__ import annotations

import random
import shutil
import time

import pytest

from tests.chaos.invariants import ids_by_subject
from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.servers.exchange import Answer

MAILS = 500
IN_FLIGHT = 8
SEED = 7


@pytest.mark.parametrize("disk", ["kept", "lost"])
def test_mails_survive_kill_after_kill(relay: Relay, disk: str) -> None:
    rng, kills = random.Random(SEED), 0
    relay.endpoint.answer(Answer(delay=0.01))
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    while len(ids_by_subject(relay.endpoint)) < MAILS:
        runpoller = relay.start()
        more = rng.randint(20, 120)
        wait_for_more(relay, more)
        time.sleep(rng.uniform(0, 0.05))
        runpoller.kill()
        kills += 1
        if disk == "lost":
            shutil.rmtree(relay.folder)
    assert kills >= 3
    # Of what was settled and had no mark in the mailbox yet Redis knows when the disk is lost.
    relay.finish(MAILS, repeats=kills * IN_FLIGHT, complete=disk == "kept")


def wait_for_more(relay: Relay, requests: int) -> None:
    """Fewer, if all mails have come."""
    goal, ends = len(relay.endpoint.requests) + requests, time.monotonic() + START_SECONDS
    while len(relay.endpoint.requests) < goal and len(ids_by_subject(relay.endpoint)) < MAILS:
        assert time.monotonic() < ends, relay.commands[-1].output
        time.sleep(0.005)


def test_what_was_under_way_at_a_kill_is_back_within_seconds(relay: Relay) -> None:
    relay.endpoint.answer(Answer(instead="hang"))
    relay.mailbox.append(mail())
    runpoller = relay.start()
    relay.endpoint.wait_for(1, START_SECONDS)
    runpoller.kill()
    relay.endpoint.answer(Answer())
    again = relay.start()
    relay.endpoint.wait_for(2, timeout=18)
    again.stop()
    relay.assert_invariants(repeats=1)
