"""What servers do to a client that waits for news."""

from __future__ import annotations

import pytest

from tests.failure_modes.world import World, row
from tests.servers.imap_replies import say
from tests.servers.imap_script import Command, ScriptedImap, Session


@row(13)
def test_a_peer_that_closes_while_idling_costs_no_loop(world: World, server: ScriptedImap) -> None:
    def close_after_plus(session: Session, command: Command) -> None:
        session.send("+ idling\r\n")
        session.pause(0.3)
        session.close()

    server.on("IDLE", close_after_plus)
    world.start()
    world.trouble("transient", "IDLE failed")
    server.on("IDLE", None)
    world.add("after")
    world.check()


@row(18)
@pytest.mark.parametrize("refusal", ["NO not now", "BAD what is that"])
def test_a_server_that_advertises_idle_and_refuses_it_is_polled(
    world: World, server: ScriptedImap, refusal: str
) -> None:
    server.on("IDLE", say(refusal))
    world.start()
    world.trouble("transient", "IDLE failed")
    world.relay.wait_line(
        "IDLE failed.*reconnect", after=world.relay.wait_line("IDLE f").time + 0.1
    )
    world.add("after")
    world.check()
