"""One session after the other, and one at a time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from polling import news, poller
from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import RECOVERY, World, row
from tests.polling.examples import mail
from tests.polling.serving import Serving
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.imap_replies import bye, silence, times
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Session
from tests.servers.mailbox import Mailbox
from tests.servers.proxy import Proxy

STUCK = """
import time
from django.core.management import call_command
from polling import session, supervisor
supervisor.SILENT_SECONDS, supervisor.LOOK_SECONDS = 2.0, 0.5
session.Session.search = lambda *_: time.sleep(600)
call_command("runpoller")
"""
FROZEN = """
from django.core.management import call_command
from polling import supervisor
supervisor.SILENT_SECONDS, supervisor.LOOK_SECONDS, supervisor.FROZEN_SECONDS = 5.0, 0.1, 3.0
call_command("runpoller")
"""


@row(12)
def test_two_relays_share_one_connection(
    dovecot_world: World, mailbox: Mailbox, proxy: Proxy, make_world: MakeWorld, tmp_path: Path
) -> None:
    lock = {"BG_POLLER_LOCK_FILE": str(tmp_path / "lock")}
    first = dovecot_world
    second = make_world(proxy, "second", **mailbox.document(proxy.port))
    mailbox.append(mail("first"))
    first.expect("first")
    first.start(**lock)
    second.start(ready="BG_POLLER: ", **lock)
    first.check(connections=1)
    first.relay.stop()
    mailbox.append(mail("second"))
    second.expect("first", "second")
    second.check(connections=2)


@row(42)
@pytest.mark.parametrize("name", ["SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "IDLE", "NOOP"])
def test_a_server_may_end_the_session_at_any_moment(
    world: World, server: ScriptedImap, name: str
) -> None:
    if name == "NOOP":
        server.capabilities = "IMAP4rev1 AUTH=PLAIN"
    server.on(name, times(1, bye("Session invalidated - AccessTokenExpired")))
    world.add("first", "second")
    world.start()
    world.trouble("transient", f"{name.removeprefix('UID ')} failed", lasting=False)
    world.add("after")
    world.check(connections=2)


@row(45)
def test_mails_that_arrive_while_connections_break_are_delivered_once(
    dovecot_world: World, mailbox: Mailbox, proxy: Proxy
) -> None:
    world = dovecot_world
    world.start()
    world.relay.wait_line("IMAP connected")
    for count in range(1, 4):
        subjects = [f"mail {count} {letter}" for letter in "abcd"]
        world.expect(*subjects)
        mailbox.append(mail(subjects[0]))
        mailbox.append(mail(subjects[1]))
        proxy.cut()
        mailbox.append(mail(subjects[2]))
        mailbox.append(mail(subjects[3]))
        world.endpoint.wait_for(4 * count, RECOVERY)
    world.check(connections=6)
    assert proxy.commands["SELECT"] >= 4


@row(46)
def test_a_poller_that_is_stuck_ends_the_process(
    make_runpoller: MakeRunpoller, world: World, server: ScriptedImap
) -> None:
    relay = make_runpoller("shell", "-c", STUCK, folder=world.folder, IMAP_TIMEOUT_SECONDS="1")
    assert relay.wait() == 70
    assert "The poller of mailbox default has not got on for 2 s" in relay.output
    assert server.connections == 1
    world.add("after")
    world.start()
    world.check(connections=2)


@row(48)
def test_a_session_is_replaced_before_it_grows_old(
    server: ScriptedImap, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(poller, "SESSION_SECONDS", 1.0)

    def chatter(session: Session, command: Command) -> None:
        session.send("+ idling\r\n" + "* 1 EXPUNGE\r\n* 3 RECENT\r\n" * 500)
        session.read_line()
        session.ok(command)

    server.on("IDLE", chatter)
    ends = time.monotonic() + 2.5
    while time.monotonic() < ends:
        serving.poller.step()
    assert server.connections in (2, 3, 4)
    assert server.most_open == 1
    assert len(server.named("LOGOUT")) == server.connections - 1


@row(47)
def test_who_idles_hears_of_the_stop(world: World, server: ScriptedImap) -> None:
    world.add("mail")
    world.start()
    world.check(connections=1)
    eventually(lambda: bool(server.named("IDLE")))
    assert world.relay.stop() < 10
    assert world.relay.returncode == 0
    assert [command.name for command in server.commands][-1] == "LOGOUT"


@row(50)
def test_a_server_that_does_not_say_goodbye_keeps_nobody(
    world: World, server: ScriptedImap
) -> None:
    server.on("LOGOUT", silence)
    world.start(IMAP_TIMEOUT_SECONDS="30")
    eventually(lambda: bool(server.named("IDLE")))
    world.describe(imap_user="somebody.else@relay.example")
    world.add("after")
    world.check(connections=2)
    assert world.relay.stop() < 8
    assert world.relay.returncode == 0


@row(46)
def test_a_process_that_was_frozen_goes_on(
    make_runpoller: MakeRunpoller, world: World, server: ScriptedImap
) -> None:
    """Its pollers were silent as long as it was."""
    server.capabilities = "IMAP4rev1 AUTH=PLAIN"
    relay = make_runpoller("shell", "-c", FROZEN, folder=world.folder, IMAP_TIMEOUT_SECONDS="9")
    relay.wait_line("IMAP connected")
    time.sleep(2)
    relay.freeze()
    time.sleep(9)
    relay.thaw()
    asked = len(server.named("UID SEARCH"))
    eventually(lambda: len(server.named("UID SEARCH")) > asked + 5)
    assert relay.returncode is None
