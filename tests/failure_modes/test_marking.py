"""Folders that do not take or keep what is written into them, or write it themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import World, row
from tests.relay.waiting import eventually
from tests.servers.imap_replies import say
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Session

OTHER_USER = {"imap_user": "somebody.else@relay.example"}
KEPT = r"\Answered \Flagged \Deleted \Seen \Draft"


@row(36)
def test_a_folder_that_opens_read_only_is_a_matter_of_configuration(
    world: World, server: ScriptedImap
) -> None:
    def read_only(session: Session, command: Command) -> None:
        session.behave(replace(command, name="EXAMINE"))

    world.add("after")
    server.on("SELECT", read_only)
    world.start()
    world.trouble("configuration", "SELECT failed: the folder is read-only")
    world.no_other_try()
    part = world.health()
    assert (part["status"], part["kind"]) == ("failed", "configuration")
    server.on("SELECT", None)
    world.describe(**OTHER_USER)
    world.check(connections=2)


@row(36)
def test_a_folder_that_takes_no_marks_is_relayed_all_the_same(
    world: World, server: ScriptedImap
) -> None:
    server.on("UID STORE", say("NO [NOPERM] not for the-password"))
    world.add("first")
    world.start()
    world.endpoint.wait_for(1)
    world.relay.wait_line(r"IMAP STORE failed: .*\(\[NOPERM\] not for …\).* \[configuration, ")
    for number in range(2, 5):
        world.add(f"mail {number}")
        world.endpoint.wait_for(number)
    assert world.relay.output.count("IMAP STORE failed") == 1
    part = world.health()
    assert (part["status"], part["kind"]) == ("degraded", "configuration")
    assert "takes no marks" in str(part["detail"])
    server.on("UID STORE", None)
    world.relay.stop()
    world.start()
    world.check(connections=2)


def test_a_refusal_to_move_repeats_no_password(world: World, server: ScriptedImap) -> None:
    server.capabilities += " MOVE"
    server.on("LIST", say("NO not with the-password"))
    world.describe(after_relay="move", after_relay_folder="Done")
    world.add("first")
    world.start()
    world.relay.wait_line("Mails of mailbox default are not moved to Done: .*not with …")
    assert "the-password" not in world.relay.output
    server.on("LIST", None)
    world.check(connections=1)


@row(37)
@pytest.mark.parametrize("promised", [KEPT + r" \*", KEPT])
def test_a_folder_that_keeps_no_keywords_is_relayed_once(
    world: World, server: ScriptedImap, promised: str
) -> None:
    def forget(session: Session, command: Command) -> None:
        session.behave(command)
        for each in server.mails:
            each.flags &= {r"\Seen"}

    server.permanent_flags = promised
    server.on("UID STORE", forget)
    world.describe(after_relay="nothing")
    world.add("first")
    world.start()
    world.check(connections=1)
    world.add("second")
    world.check(connections=1)
    eventually(lambda: server.mails[1].flags == {r"\Seen"})
    world.relay.stop()
    world.start()
    world.add("third")
    world.check(connections=2)


@row(37)
def test_marks_that_are_taken_without_effect_cost_no_second_delivery(
    world: World, server: ScriptedImap
) -> None:
    server.on("UID STORE", say("OK done"))
    world.add("first")
    world.start()
    world.check(connections=1)
    world.relay.stop()
    world.start()
    world.add("second")
    world.check(connections=2)
    assert not server.mails[0].flags


@row(38)
def test_a_mail_that_reading_marks_as_seen_is_found_again_without_our_disk(
    world: World, server: ScriptedImap, make_world: MakeWorld
) -> None:
    def mark_as_seen(session: Session, command: Command) -> None:
        session.behave(command)
        for each in server.mails:
            each.flags.add(r"\Seen")

    server.on("UID FETCH", mark_as_seen)
    world.add("mail")
    world.endpoint.refuse()
    world.start()
    world.relay.wait_line("state=relayed")
    world.relay.kill()
    assert r"\Seen" in server.mails[0].flags
    world.endpoint.refuse(False)
    fresh = make_world(server, "fresh")
    fresh.expect("mail")
    fresh.start()
    fresh.check(connections=2)


@row(52)
def test_a_session_that_ends_at_the_mark_costs_no_second_delivery(
    world: World, server: ScriptedImap
) -> None:
    def close(session: Session, command: Command) -> None:
        if "$RenderSignal " not in command.arguments:
            session.behave(command)
            return
        server.on("UID STORE", None)
        session.send("* BYE Disconnected for inactivity\r\n")
        session.close()

    server.on("UID STORE", close)
    world.add("mail")
    world.start()
    world.trouble("transient", "STORE failed", lasting=False)
    world.check(connections=2)
    eventually(lambda: "$RenderSignal" in server.mails[0].flags)
