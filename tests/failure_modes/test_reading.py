"""Answers that are not what was asked for."""

from __future__ import annotations

import pytest

from tests.failure_modes.world import World, row
from tests.polling.examples import LINK, mail
from tests.polling.serving import Serving
from tests.servers.imap_mails import ScriptedMail
from tests.servers.imap_replies import say, send, times
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook, Session
from webhooks.models import Delivery

BIG = b"x" * 60_000


class Described(ScriptedMail):
    """Of which the server says something else than it is."""

    said: tuple[str, bytes] = ("", b"")

    def _item(self, name: str) -> bytes:
        asked, value = self.said
        return f"{name} ".encode() + value if name == asked else super()._item(name)


def described(server: ScriptedImap, raw: bytes, item: str, value: bytes) -> None:
    strange = Described(server.uidnext, raw.replace(b"\n", b"\r\n"))
    strange.said = item, value
    server.mails.append(strange)


@row(31)
def test_answers_in_pieces_and_answers_to_nobody_are_understood(
    world: World, server: ScriptedImap
) -> None:
    def in_pieces(session: Session, command: Command) -> None:
        uids, _, items = command.arguments.partition(" ")
        for number, each in enumerate(server.mails, 1):
            session.send(f"* {number} FETCH (UID {each.uid} FLAGS (\\Recent))\r\n")
            session.send(f"* {number} FETCH (FLAGS ())\r\n* {number} FETCH (MODSEQ (12))\r\n")
        for number, each in enumerate(server.mails, 1):
            if str(each.uid) in uids.split(","):
                shown = "FLAGS" if "[TEXT]" in items else items.strip("()").replace("FLAGS ", "")
                inner = each.fetch(shown)
                session.send(f"* {number} FETCH (".encode() + inner + b")\r\n")
        session.send("* 7 RECENT\r\n* OK [HIGHESTMODSEQ 12] go on\r\n")
        session.ok(command)

    server.on("UID FETCH", in_pieces)
    world.add("first", "second")
    world.start()
    world.endpoint.wait_for(2)
    world.add("third")
    world.check(connections=1)


@row(32, 41)
def test_mails_are_named_one_by_one_and_not_too_many_in_a_command(
    server: ScriptedImap, serving: Serving
) -> None:
    def refuse_too_much(most: int) -> Hook:
        def hook(session: Session, command: Command) -> None:
            numbers = command.arguments.split(" ")[0]
            if numbers.count(",") >= most or ":" in numbers:
                session.send(f"{command.tag} BAD Too long argument\r\n")
                return
            session.behave(command)

        return hook

    server.on("UID FETCH", refuse_too_much(100))
    server.on("UID STORE", refuse_too_much(200))
    for number in range(250):
        server.add(mail(f"mail {number}").as_bytes())
    serving.poller.pass_once()
    assert Delivery.objects.count() == 250
    assert all("$RenderSignalPending" in each.flags for each in server.mails)
    assert server.connections == 1


@row(33)
@pytest.mark.parametrize(
    "structure",
    [b'((("TEXT" "PLAIN"', b"(" * 3000 + b")" * 3000, b'("TEXT")', b"(NIL NIL NIL)"],
    ids=["unbalanced", "deep", "short", "empty"],
)
def test_a_structure_that_makes_no_sense_costs_no_mail(
    world: World, server: ScriptedImap, structure: bytes
) -> None:
    world.expect("strange", "normal")
    described(server, mail("strange", attachment=BIG).as_bytes(), "BODYSTRUCTURE", structure)
    server.add(mail("normal", attachment=BIG).as_bytes())
    world.start()
    world.check(connections=1, traffic=300_000)
    links = [request.json["delivery_links"][0]["raw_url"] for request in world.endpoint.requests]
    assert links == [LINK, LINK]
    assert not [each for each in server.commands if "ENVELOPE" in each.arguments]


@row(34, 35)
@pytest.mark.parametrize(
    "broken",
    [
        b"* 3 FETCH (UID 3 BODY[TEXT]<0> {9\r\nbroken\r\n",
        b"* 3 FETCH (UID 3 BODY[TEXT]<0> {5}\r\nmore) than (it\r\nsaid)\r\n{tag} OK done\r\n",
        b"{tag} NO [SERVERBUG] cannot read it\r\n",
    ],
    ids=["frame", "length", "refusal"],
)
def test_a_mail_that_cannot_be_fetched_is_quarantined_and_the_others_go_on(
    world: World, server: ScriptedImap, broken: bytes
) -> None:
    def poison(session: Session, command: Command) -> None:
        uids = command.arguments.split(" ")[0].split(",")
        if "3" not in uids or "BODY.PEEK[HEADER" in command.arguments:
            session.behave(command)
            return
        send(broken)(session, command)

    server.on("UID FETCH", poison)
    world.add("mail 1", "mail 2", "mail 3", "mail 4")
    world.start(IMAP_TIMEOUT_SECONDS="1")
    world.expected.remove("mail 3")
    world.endpoint.wait_for(3, 20)
    world.hasten(tries=2)
    line = world.relay.wait_line(r"Mail uid=3 .* try 3 of 3, .*it is quarantined.* \[poison\]$")
    assert " ERROR " in line.text
    world.add("after")
    world.check(connections=4)
    part = world.health()
    assert (part["status"], part["kind"], part["quarantined"]) == ("ok", "poison", 1)


@row(39)
def test_mails_are_asked_for_in_the_way_that_every_server_answers(
    world: World, server: ScriptedImap
) -> None:
    """Where the whole mail by its old name is empty, and reading it the old way marks it."""
    server.add(mail("of others", text="no link").as_bytes())
    world.add("small")
    world.expect("large")
    server.add(mail("large", attachment=BIG).as_bytes())
    world.start()
    world.check(connections=1)
    asked = " ".join(each.arguments for each in server.commands if each.name == "UID FETCH")
    assert "RFC822" not in asked.replace("RFC822.SIZE", "")
    assert "BODY[" not in asked
    assert "\\Seen" not in server.mails[0].flags


@row(40)
def test_a_server_of_the_base_protocol_hears_nothing_else(
    world: World, server: ScriptedImap
) -> None:
    server.capabilities = "IMAP4rev1"
    base = {"CAPABILITY", "LOGIN", "SELECT", "NOOP", "UID SEARCH", "UID FETCH", "UID STORE"}
    world.add("first")
    world.start()
    world.endpoint.wait_for(1)
    world.add("second")
    world.check(connections=1)
    assert {command.name for command in server.commands} - {"CONNECT"} == base
    arguments = " ".join(command.arguments for command in server.commands)
    for extension in ("X-GM", "EMAILID", "MODSEQ", "CHANGEDSINCE", "RETURN", "CHARSET", "OLDER"):
        assert extension not in arguments


@row(51)
@pytest.mark.parametrize("date", [b'"whenever"', b"NIL", b'"31-Feb-2026 25:00:00 +0000"'])
def test_a_date_that_is_none_is_replaced_by_now(
    world: World, server: ScriptedImap, date: bytes
) -> None:
    world.expect("undated")
    described(server, mail("undated").as_bytes(), "INTERNALDATE", date)
    world.start()
    world.check(connections=1)
    assert world.endpoint.requests[0].json["receivedDateTime"]


@row(35)
def test_a_refusal_that_passes_costs_the_mail_nothing(world: World, server: ScriptedImap) -> None:
    server.on("UID FETCH", times(1, say("NO cannot read it")))
    world.add("first", "second")
    world.start()
    world.trouble("transient", "FETCH failed: .*cannot read it", lasting=False)
    world.check(connections=2)
