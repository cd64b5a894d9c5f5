"""What becomes of a mail once it is relayed, as the settings of its mailbox say."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.polling.examples import SENDER, mail
from tests.relay.documents import describe
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox

OTHER = "news@shop.example"


def relay(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
    **fields: object,
) -> tuple[int, int]:
    """One mail that is relayed, and one of somebody else."""
    describe(folder, sender_of_interest_for_polling=[SENDER], **fields)
    ours, other = mailbox.append(mail("ours")), mailbox.append(mail("other", sender=OTHER))
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=folder)
    endpoint.wait_for(1)
    return ours, other


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        ("read", {r"\Seen", "$RenderSignal"}),
        ("nothing", {"$RenderSignal"}),
        ("flag", {r"\Flagged", "$RenderSignal"}),
    ],
)
def test_it_is_marked_as_wanted_and_the_others_stay_untouched(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
    wanted: str,
    flags: set[str],
) -> None:
    ours, other = relay(mailbox, endpoint, make_runpoller, folder, after_relay=wanted)
    eventually(lambda: "$RenderSignal" in mailbox.flags()[ours])
    marks = {r"\Seen", r"\Flagged", "$RenderSignal"}
    assert marks & set(mailbox.flags()[ours]) == flags
    assert not marks & set(mailbox.flags()[other])


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    with IMAPClient(mailbox.host, mailbox.port, ssl=False) as client:
        client.login(mailbox.user, mailbox.password)
        if not client.folder_exists(folder):
            return []
        client.select_folder(folder, readonly=True)
        rows = client.fetch(client.search(), ["ENVELOPE"])
        return sorted(row[b"ENVELOPE"].subject.decode() for row in rows.values())


def test_it_is_moved_to_a_folder_that_is_made_for_it(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    fields = {"after_relay": "move", "after_relay_folder": "Relayed"}
    relay(mailbox, endpoint, make_runpoller, folder, **fields)
    eventually(lambda: subjects(mailbox, "Relayed") == ["ours"])
    assert subjects(mailbox, "INBOX") == ["other"]
    mailbox.append(mail("second"))
    endpoint.wait_for(2)
    eventually(lambda: subjects(mailbox, "Relayed") == ["ours", "second"])
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("how", ["we move it", "a person deletes it"])
def test_a_mail_is_found_after_the_disk_is_lost_although_the_marked_one_has_gone(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path, how: str
) -> None:
    """The mark by which later mails are ours stands on one mail, which may go away."""
    fields = {"after_relay": "move", "after_relay_folder": "Relayed"} if how == "we move it" else {}
    describe(folder, **fields)
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=folder)
    runpoller.wait_line("IMAP connected")
    first = mailbox.append(mail("first"))
    endpoint.wait_for(1)
    if how == "we move it":
        eventually(lambda: not mailbox.flags())
    else:
        eventually(lambda: "$RenderSignal" in mailbox.flags()[first])
        mailbox.expunge(first)
    endpoint.answer(Answer(status=500))
    second = mailbox.append(mail("second"))
    endpoint.wait_for(2)
    eventually(lambda: "$RenderSignalStart" in mailbox.flags()[second])
    mailbox.mark(second, r"\Seen")
    runpoller.kill()
    endpoint.answer(Answer())
    again = folder.with_name("another-disk")
    describe(again, **fields)
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=again)
    requests = endpoint.wait_for(3, 20)
    assert requests[2].json["subject"] == "second"
    assert requests[2].headers["webhook-id"] == requests[1].headers["webhook-id"]


def test_what_another_container_has_sent_and_moved_is_not_sent_again(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    fields = {"after_relay": "move", "after_relay_folder": "Relayed"}
    disks = [tmp_path / name for name in ("first", "second")]
    for disk in disks:
        describe(disk, **fields)
    options = {"mailbox": mailbox, "REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": "3"}
    endpoint.answer(Answer(status=500))
    first = make_runpoller(endpoint=endpoint, folder=disks[0], **options)
    first.wait_line("IMAP connected")
    for number in range(20):
        mailbox.append(mail(f"Lot {number}"))
    first.wait_line("uid=20 .*state=relayed")
    first.wait_line("it waits for the endpoint")  # so nothing is under way but a probe
    time.sleep(1)
    first.freeze()
    endpoint.answer(Answer())
    endpoint.clear()
    second = make_runpoller(endpoint=endpoint, folder=disks[1], **options)
    endpoint.wait_for(20, 30)
    eventually(lambda: len(subjects(mailbox, "Relayed")) == 20)
    second.stop()
    first.thaw()
    first.wait_line("20 deliveries were settled by another poller", 30)
    time.sleep(1)
    assert len(endpoint.requests) == 20


def test_a_folder_that_cannot_be_made_stops_nothing(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    fields = {"after_relay": "move", "after_relay_folder": "a//b"}
    describe(folder, **fields)
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=folder)
    first = mailbox.append(mail("first"))
    runpoller.wait_line("are not moved to a//b")
    second = mailbox.append(mail("second"))
    endpoint.wait_for(2)
    eventually(lambda: "$RenderSignal" in mailbox.flags()[second])
    assert r"\Seen" in mailbox.flags()[first]
    assert json.loads(endpoint.requests[1].body)["subject"] == "second"
