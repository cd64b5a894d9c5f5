"""What servers do to a client that looks for mails."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from tests.failure_modes.world import World, row
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.imap_mails import ScriptedMail
from tests.servers.imap_replies import times
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Session
from tests.servers.mailbox import Mailbox
from tests.servers.proxy import Proxy

# Their UIDs alone are more than the million bytes that imaplib takes for a line.
CROWD = 100_000
FIRST_UID = 4_000_000_000


@row(25)
def test_the_uids_of_a_huge_folder_do_not_fit_into_one_line(
    world: World, server: ScriptedImap
) -> None:
    """Known before: it bears our marks, and somebody deleted the one that tells where we began."""
    raw = mail("settled").as_bytes()
    settled = {"$RenderSignal", r"\Seen"}
    received = datetime.now(UTC)
    server.mails += [
        ScriptedMail(FIRST_UID + number, raw, settled, received) for number in range(CROWD)
    ]
    world.add("waiting")
    world.start(IMAP_TIMEOUT_SECONDS="10")  # the scripted server takes its time
    world.add("new")
    world.check(within=60, traffic=4_000_000)


@row(26)
def test_the_last_mail_is_named_though_its_uid_is_below_the_range(
    dovecot_world: World, mailbox: Mailbox, proxy: Proxy
) -> None:
    world = dovecot_world
    uid = mailbox.append(mail("read before us"), flags=[r"\Seen"])
    world.start()
    eventually(lambda: proxy.commands["IDLE"] > 0)
    before = proxy.commands["UID SEARCH"]
    mailbox.mark(uid, r"\Flagged")  # a client that idles hears of it, and searches
    eventually(lambda: proxy.commands["UID SEARCH"] > before)
    assert world.delivered() == []
    mailbox.append(mail("new"))
    world.expect("new")
    world.check()


@row(27)
def test_a_folder_that_was_restored_has_new_uids_under_a_new_uidvalidity(
    world: World, server: ScriptedImap
) -> None:
    world.add("one", "two", "three")
    world.start()
    world.endpoint.wait_for(3, 10)
    world.settle()
    three = server.mails[2]
    restored = ScriptedMail(2, mail("restored").as_bytes())
    restored.received = datetime.now(UTC) - timedelta(days=2)
    server.uidvalidity = 2
    server.mails[:] = [ScriptedMail(1, three.raw, three.flags, three.received), restored]
    server.hang_up()
    world.expect("restored")
    world.check()
    world.relay.wait_line("numbered its mails anew")


@row(27)
def test_a_server_that_lost_its_list_of_uids_makes_a_new_one(
    dovecot_world: World, mailbox: Mailbox
) -> None:
    world = dovecot_world
    for subject in ("one", "two"):
        mailbox.append(mail(subject))
    world.expect("one", "two")
    world.start()
    world.endpoint.wait_for(2, 10)
    world.settle()
    world.relay.stop()
    mailbox.forget_uidlist()
    mailbox.append(mail("three"))
    world.expect("three")
    world.start()
    world.check()
    world.relay.wait_line("numbered its mails anew")


@row(28)
def test_a_uid_is_given_again_while_we_listen(world: World, server: ScriptedImap) -> None:
    world.add("one", "the former")
    world.start()
    world.endpoint.wait_for(2, 10)
    world.settle()
    server.mails.pop()
    time.sleep(0.5)  # its end is announced
    world.add("the mail that has its UID now")
    assert [each.uid for each in server.mails] == [1, 2]
    world.check()
    assert world.query("SELECT subject, fault FROM polling_mail WHERE uid = 2 ORDER BY id") == [
        ("the former", "its UID 2 belongs to another mail by now"),
        ("the mail that has its UID now", ""),
    ]


@row(28)
def test_a_uid_was_given_again_while_we_were_away(world: World, server: ScriptedImap) -> None:
    world.add("one", "the former")
    world.start()
    world.endpoint.wait_for(2, 10)
    world.settle()
    server.mails.pop()
    server.hang_up()
    world.add("the mail that has its UID now")
    world.check()


@row(28)
def test_all_mails_were_numbered_anew_without_a_new_uidvalidity(
    world: World, server: ScriptedImap
) -> None:
    world.add("one", "number two", "the third of them", "and the fourth and last")
    world.start()
    world.endpoint.wait_for(4, 10)
    world.settle()
    del server.mails[0]
    for uid, each in enumerate(server.mails, start=1):
        each.uid = uid
    server.hang_up()
    world.relay.wait_line("without saying so")
    world.add("five")
    world.check()


@row(29)
def test_another_account_stands_behind_the_same_settings(
    dovecot_world: World, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    world = dovecot_world
    other = Mailbox(dovecot, f"other-{mailbox.user}")
    for box, subject in ((mailbox, "to the one"), (other, "to the other")):
        box.append(mail(subject))
        box.set_uidvalidity(7)
    world.expect("to the one")
    world.start()
    world.endpoint.wait_for(1, 10)
    world.settle()
    world.describe(imap_user=other.user)
    world.expect("to the other")
    world.check()


@row(30)
def test_a_mail_vanishes_between_search_and_fetch(world: World, server: ScriptedImap) -> None:
    def lose_the_first(session: Session, command: Command) -> None:
        session.server.mails[:] = [each for each in server.mails if each.uid != 1]
        session.behave(command)

    server.add(mail("vanished").as_bytes())
    world.add("stays")
    server.on("UID FETCH", times(1, lose_the_first))
    world.start()
    world.check()
    assert world.query("SELECT state, '' FROM polling_mail WHERE uid = 1") == [("gone", "")]
