"""Fetching from a server that says too little, or too slowly."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from polling import fetch
from polling.accounts import Account
from polling.errors import MailboxTimeout
from polling.mail import Body
from polling.parser import MAX_PLAIN_BYTES
from polling.session import Session
from render_signal.logs import PlainFormatter
from tests.polling.examples import LINK, mail
from tests.servers.fixtures import MakeImap
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook
from tests.servers.imap_session import Session as Connection

BIG = b"x" * 200_000
Connect = Callable[[ScriptedImap], Session]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as stack:

        def connected(server: ScriptedImap) -> Session:
            account = Account(
                name="default",
                host="127.0.0.1",
                port=server.port,
                security="none",
                auth="auto",
                user="user@relay.example",
                password="the-password",
                folder="INBOX",
            )
            return stack.enter_context(closing(Session(account, timeout=1)))

        yield connected


def answer(row: str, to: str = "") -> Hook:
    """To a FETCH of this item, these items of mail 1."""

    def hook(connection: Connection, command: Command) -> None:
        if to not in command.arguments:
            connection.behave(command)
            return
        connection.send(row and f"* 1 FETCH (UID 1 {row})\r\n")
        connection.ok(command)

    return hook


def bodies(session: Session) -> dict[int, Body | None]:
    overview = fetch.overviews(session, [1])[1]
    assert overview
    return fetch.bodies(session, [overview])


@pytest.mark.parametrize(
    "row",
    [
        "",
        "FLAGS ()",
        "RFC822.SIZE 300 FLAGS ()",
        "RFC822.SIZE 300 BODY[HEADER.FIELDS (FROM)]<0> NIL",
    ],
)
def test_an_overview_that_says_too_little_is_none(
    make_imap: MakeImap, connect: Connect, row: str
) -> None:
    server = make_imap([bytes(mail())])
    server.on("UID FETCH", answer(row))
    assert fetch.overviews(connect(server), [1]) == {1: None}


@pytest.mark.parametrize("row", ["", "FLAGS ()", "BODY[TEXT]<0> NIL", 'BODY[TEXT]<0> ""'])
def test_a_small_mail_whose_text_is_not_shown_is_looked_at_as_a_whole(
    make_imap: MakeImap, connect: Connect, row: str
) -> None:
    server = make_imap([bytes(mail())])
    server.on("UID FETCH", answer(row, to="BODY.PEEK[TEXT]"))
    found = bodies(connect(server))[1]
    if row:
        assert found
        assert [link.raw_url for link in found.links] == [LINK]
    else:
        assert found is None


@pytest.mark.parametrize("whole", ["NIL", '""', '"Subject: x"'])
def test_a_small_mail_that_is_not_shown_either_way_is_none(
    make_imap: MakeImap, connect: Connect, whole: str
) -> None:
    server = make_imap([bytes(mail())])
    row = f'BODY[TEXT]<0> "" BODY[]<0> {whole}'
    server.on("UID FETCH", answer(row, to="]<0.65536>)"))
    header = fetch.overviews(connect(make_imap([bytes(mail())])), [1])[1]
    assert header
    assert fetch.bodies(connect(server), [header]) == {1: None}


def test_a_mail_without_a_text_is_an_empty_mail(make_imap: MakeImap, connect: Connect) -> None:
    server = make_imap([b"From: a@b.example\r\nSubject: only a subject\r\n\r\n"])
    found = bodies(connect(server))[1]
    assert found
    assert found.text == ""


@pytest.mark.parametrize(
    ("item", "row"),
    [
        ("BODYSTRUCTURE", ""),
        ("BODYSTRUCTURE", "FLAGS ()"),
        ("BODY.PEEK[1]", ""),
        ("BODY.PEEK[1]", "FLAGS ()"),
        ("BODY.PEEK[1]", "BODY[1]<0> NIL"),
        ("BODY.PEEK[1]", 'BODY[1]<0> ""'),
    ],
)
def test_a_large_mail_of_which_something_is_not_shown_is_none(
    make_imap: MakeImap, connect: Connect, item: str, row: str
) -> None:
    server = make_imap([bytes(mail(attachment=BIG))])
    server.on("UID FETCH", answer(row, to=item))
    assert bodies(connect(server)) == {1: None}


@pytest.mark.parametrize(
    ("attachment", "item", "section"),
    [(BIG, "BODY.PEEK[1]", "1"), (None, "BODY.PEEK[TEXT]", "TEXT")],
)
def test_the_time_for_a_text_is_that_of_its_size(
    make_imap: MakeImap, connect: Connect, attachment: bytes | None, item: str, section: str
) -> None:
    server = make_imap([bytes(mail(attachment=attachment))])

    def drip(connection: Connection, command: Command) -> None:
        if item not in command.arguments:
            connection.behave(command)
            return
        connection.send(f"* 1 FETCH (UID 1 BODY[{section}]<0> {{60000}}\r\n")
        connection.send(BIG, drip=0.2)

    server.on("UID FETCH", drip)
    session = connect(server)
    begun = time.monotonic()
    with pytest.raises(MailboxTimeout):
        bodies(session)
    assert time.monotonic() - begun < 2.5


def many_parts(count: int) -> bytes:
    """Only the last of them has a link."""
    texts = [f"part {number} " + "z" * 2000 for number in range(count - 1)] + [LINK]
    head = "Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    parts = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n" for text in texts)
    return f"{head}{parts}--b--\r\n".encode()


def test_a_link_in_the_last_of_many_texts_is_found(make_imap: MakeImap, connect: Connect) -> None:
    found = bodies(connect(make_imap([many_parts(60)])))[1]
    assert found
    assert [link.raw_url for link in found.links] == [LINK]
    assert not found.truncated


def test_texts_beyond_the_limit_are_left_out_and_that_is_said(
    make_imap: MakeImap, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(PlainFormatter())
    found = bodies(connect(make_imap([many_parts(101)])))[1]
    assert found
    assert found.truncated
    assert "Mail uid=1 read in part: 100 of 101 texts [mailbox=default]" in caplog.text


def test_a_long_text_is_said_to_be_cut_and_of_which_mail(
    make_imap: MakeImap, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(PlainFormatter())
    head = b"Subject: long\r\nContent-Type: text/plain\r\n\r\n"
    long = (b"a" * 70 + b"\r\n") * (MAX_PLAIN_BYTES // 70)
    found = bodies(connect(make_imap([head + long])))[1]
    assert found and found.truncated
    assert re.search(r" Mail text cut: .*HTML .* \[mailbox=default uid=1\]\n", caplog.text)
