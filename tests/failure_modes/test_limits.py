"""Servers that are too slow, or say too much."""

from __future__ import annotations

import pytest

from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import World, most_memory, row
from tests.relay.waiting import eventually
from tests.servers.fixtures import MakeImap
from tests.servers.imap_replies import send, silence
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook, Session

BIG = b"x" * 60_000
DRIP = send(b"* SEARCH" + b" 1" * 500, drip=0.2)
MEMORY = 60 * 1024 * 1024


def to(item: str, hook: Hook) -> Hook:
    """The hook where a command has this in its arguments, else the good answer."""

    def chosen(session: Session, command: Command) -> None:
        (hook if item in command.arguments else Session.behave)(session, command)

    return chosen


@row(21, 22)
@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_drips_is_left_at_the_deadline(
    make_imap: MakeImap, make_world: MakeWorld, tls: bool
) -> None:
    server = make_imap(tls=tls)
    world = make_world(server, imap_security="tls" if tls else "none")
    world.add("after")
    server.on("UID SEARCH", DRIP)
    world.start()
    eventually(lambda: bool(server.named("UID SEARCH")))
    line = world.trouble("transient", "SEARCH timeout after 2 s")
    assert line.time - server.named("UID SEARCH")[0].time < 4
    server.on("UID SEARCH", None)
    world.check()


@row(22)
def test_a_server_that_drips_does_not_hold_up_the_stop(world: World, server: ScriptedImap) -> None:
    server.on("UID SEARCH", DRIP)
    world.start(IMAP_TIMEOUT_SECONDS="60")
    eventually(lambda: bool(server.named("UID SEARCH")))
    assert world.relay.stop() < 8
    assert world.relay.returncode == 0


@row(23)
def test_after_a_timeout_nothing_more_is_asked_on_that_connection(
    world: World, server: ScriptedImap
) -> None:
    server.capabilities = "IMAP4rev1 AUTH=PLAIN"
    server.on("NOOP", silence)
    world.start()
    world.trouble("transient", "NOOP timeout after 2 s")
    server.on("NOOP", None)
    world.add("after")
    world.check()
    first = [command.name for command in server.commands if command.connection == 1]
    assert first[-1] == "NOOP"


@row(24)
def test_a_literal_that_is_announced_too_large_takes_no_memory(
    world: World, server: ScriptedImap
) -> None:
    def bomb(session: Session, command: Command) -> None:
        server.on("UID FETCH", None)
        session.send("* 1 FETCH (UID 1 BODY[TEXT]<0> {3000000000}\r\n" + "x" * 100_000)
        silence(session, command)

    server.on("UID FETCH", to("[TEXT]", bomb))
    world.add("first", "second")
    world.start()
    before = most_memory(world.relay.pid)
    world.trouble("transient", "FETCH failed: .*longer than what was asked", lasting=False)
    world.check(connections=2, traffic=2**20)
    assert most_memory(world.relay.pid) - before < MEMORY


@row(24)
@pytest.mark.parametrize(
    "flood", [b"* 1 FETCH (UID 1 FLAGS ())\r\n" * 2000, b"* 1 FETCH (UID 1 X {60000}\r\n" + BIG]
)
def test_a_server_that_never_stops_talking_is_left(
    world: World, server: ScriptedImap, flood: bytes
) -> None:
    def talk(session: Session, command: Command) -> None:
        server.on("UID FETCH", None)
        for _ in range(2000):
            session.send(flood)

    server.on("UID FETCH", to("[TEXT]", talk))
    world.add("first", "second")
    world.start()
    before = most_memory(world.relay.pid)
    world.trouble("transient", "FETCH failed: .*longer than what was asked", lasting=False)
    # Much of it is in the buffers of the kernel, and was never read.
    world.check(connections=2, traffic=20 * 2**20)
    assert most_memory(world.relay.pid) - before < MEMORY
