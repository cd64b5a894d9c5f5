"""The clock on the wall is set an hour forward or back while mails are relayed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.chaos.killed import START_SECONDS, Relay
from tests.clocks import turn
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer

HOUR = 3600.0
# Of what was under way, and what waits for a retry, when the clock jumped: a lease, a sweep.
AGAIN_SECONDS = 40.0


@pytest.mark.parametrize(
    "jumps",
    [
        pytest.param((HOUR, 0.0), id="an hour ahead, put right"),
        pytest.param((-HOUR, 0.0), id="an hour behind, put right", marks=pytest.mark.thorough),
        pytest.param((0.0, HOUR), id="an hour forward", marks=pytest.mark.thorough),
        pytest.param((0.0, -HOUR), id="an hour back", marks=pytest.mark.thorough),
    ],
)
def test_a_clock_that_jumps_delays_nothing(
    relay: Relay, tmp_path: Path, jumps: tuple[float, float]
) -> None:
    clock = tmp_path / "clock"
    before, after = jumps
    turn(clock, before)
    relay.endpoint.answer_in_turn([Answer(status=503)], Answer(delay=1.0))
    relay.mailbox.drop([mail(f"before {number}") for number in range(4)])
    runpoller = relay.start(FAULT_CLOCK=str(clock), REDIS_LOCK_TTL_SECONDS="6")
    relay.endpoint.wait_for(2, START_SECONDS)
    turn(clock, after)
    begun = time.monotonic()
    relay.mailbox.drop([mail(f"after {number}") for number in range(4)])
    eventually(lambda: relay.settled() == 8, AGAIN_SECONDS)
    assert time.monotonic() - begun < AGAIN_SECONDS
    assert "Singleton lock lost" not in runpoller.output
    runpoller.stop()
    relay.assert_invariants(repeats=1)  # the one that was refused
    assert len(relay.endpoint.requests) == 9
