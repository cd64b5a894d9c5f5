"""What may happen between the greeting and an open folder."""

from __future__ import annotations

import base64

import pytest

from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import World, row
from tests.polling.examples import mail
from tests.servers.fixtures import MakeDovecot, MakeProxy
from tests.servers.imap_replies import bye, hang_up, say, send
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook, Session
from tests.servers.mailbox import Mailbox

OTHER_USER = {"imap_user": "somebody.else@relay.example"}


@row(7)
def test_a_wrong_password_is_said_plainly_and_not_tried_again(
    dovecot_world: World, mailbox: Mailbox
) -> None:
    world = dovecot_world
    mailbox.append(mail("after"))
    world.expect("after")
    world.describe(imap_password="not-the-password")
    world.start()
    world.trouble("authentication", "login failed: .*EMAIL_PASSWORD.*application password")
    assert "not-the-password" not in world.relay.output
    world.no_other_try()
    part = world.health()
    assert (part["status"], part["kind"]) == ("failed", "authentication")
    world.describe(imap_password=mailbox.password)
    world.check(connections=2)


@row(8)
@pytest.mark.parametrize("refusal", ["NO [LIMIT] no more", "NO Too many simultaneous"])
def test_a_login_that_is_refused_for_load_is_no_wrong_password(
    world: World, server: ScriptedImap, refusal: str
) -> None:
    world.add("after")
    server.on("AUTHENTICATE", say(refusal))
    world.start()
    world.trouble("limit", "login failed: .*is busy")
    world.no_other_try()
    server.on("AUTHENTICATE", None)
    world.describe(**OTHER_USER)
    world.check(connections=2)


@row(8)
def test_one_connection_too_many_at_dovecot_is_a_limit(
    make_dovecot: MakeDovecot, make_proxy: MakeProxy, make_world: MakeWorld
) -> None:
    mailbox = Mailbox(make_dovecot(max_connections=1), "user@mail.invalid")
    mailbox.append(mail("after"))
    proxy = make_proxy(mailbox.port)
    world = make_world(proxy, **mailbox.document(proxy.port))
    world.expect("after")
    with mailbox.client():
        world.start()
        world.trouble("limit", "login failed: .*is busy")
    part = world.health()
    assert (part["status"], part["kind"]) == ("failed", "limit")
    world.describe(imap_auth="login")
    world.check(connections=2)


@row(9)
@pytest.mark.parametrize("end", [hang_up, bye("going down")])
def test_a_connection_that_ends_while_logging_in_is_tried_again_soon(
    world: World, server: ScriptedImap, end: Hook
) -> None:
    world.add("after")
    server.on("AUTHENTICATE", end)
    world.start()
    world.trouble("transient", "login failed: .* ended it")
    server.on("AUTHENTICATE", None)
    world.check()


@row(10)
def test_a_connection_that_is_logged_in_already_is_said_to_be_so(
    world: World, server: ScriptedImap
) -> None:
    world.add("after")
    server.on("CONNECT", send(b"* PREAUTH welcome\r\n"))
    world.start()
    world.trouble("configuration", "has logged the connection in already")
    world.no_other_try()
    server.on("CONNECT", None)
    world.describe(**OTHER_USER)
    world.check(connections=2)


@row(11)
def test_a_password_of_any_characters_arrives_as_it_is(world: World, server: ScriptedImap) -> None:
    said: list[bytes] = []

    def note(session: Session, command: Command) -> None:
        session.send("+ \r\n")
        said.append(base64.b64decode(session.read_line()))
        session.ok(command)

    server.on("AUTHENTICATE", note)
    world.describe(imap_password="mot de passe \u00e9l\u00e9gant \u20ac")
    world.add("mail")
    world.start()
    world.check(connections=1)
    assert said[0].split(b"\0")[2].decode() == "mot de passe \u00e9l\u00e9gant \u20ac"


@row(43)
@pytest.mark.parametrize("name", ["SELECT", "UID SEARCH"])
def test_a_login_that_is_not_connected_to_its_mails_is_given_time(
    world: World, server: ScriptedImap, name: str
) -> None:
    world.add("after")
    server.on(name, say("BAD User is authenticated but not connected."))
    world.start()
    world.trouble("limit", "authenticated but not connected")
    world.no_other_try()
    server.on(name, None)
    world.describe(**OTHER_USER)
    world.check(connections=2)


@row(44)
@pytest.mark.parametrize("name", ["CAPABILITY", "IDLE"])
def test_a_limit_on_trivial_commands_is_a_limit(
    world: World, server: ScriptedImap, name: str
) -> None:
    server.on(name, say(f"NO [LIMIT] {name} Rate limit hit."))
    world.start()
    world.trouble("limit", "Rate limit hit")
    world.no_other_try()
    server.on(name, None)
    world.describe(**OTHER_USER)
    world.add("after")
    world.check(connections=2)


@row(49)
def test_a_folder_that_is_not_there_is_a_matter_of_configuration(
    dovecot_world: World, mailbox: Mailbox
) -> None:
    world = dovecot_world
    mailbox.append(mail("after"))
    world.expect("after")
    world.describe(imap_folder="Renamed")
    world.start()
    world.trouble("configuration", "SELECT failed: no such folder")
    world.no_other_try()
    world.describe(imap_folder="INBOX")
    world.check(connections=2)
