"""Fetching from a real mailbox: what is fetched, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polling import fetch
from polling.accounts import Account
from polling.mail import Body
from polling.session import Session
from tests.polling.examples import LINK, mail
from tests.servers.fixtures import MakeProxy
from tests.servers.mailbox import Mailbox
from tests.servers.proxy import Proxy

MEGABYTE = b"\0" * 1_000_000


@pytest.fixture
def proxy(mailbox: Mailbox, make_proxy: MakeProxy) -> Proxy:
    return make_proxy(mailbox.port)


@pytest.fixture
def session(mailbox: Mailbox, proxy: Proxy) -> Iterator[Session]:
    account = Account(
        name="default",
        host="127.0.0.1",
        port=proxy.port,
        security="none",
        auth="auto",
        user=mailbox.user,
        password=mailbox.password,
        folder="INBOX",
    )
    session = Session(account, timeout=5)
    yield session
    session.close()


def body(session: Session, uid: int) -> Body:
    overview = fetch.overviews(session, [uid])[uid]
    assert overview
    found = fetch.bodies(session, [overview])[uid]
    assert found
    return found


def test_a_mail_is_the_same_whole_or_by_its_structure(session: Session, mailbox: Mailbox) -> None:
    small = mailbox.append(mail(attachment=b"zip"))
    large = mailbox.append(mail(attachment=MEGABYTE))
    session.noop()
    assert body(session, small) == body(session, large)


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
def test_a_large_mail_s_text_is_decoded(session: Session, mailbox: Mailbox, cte: str) -> None:
    message = mail()
    message.set_content(f"Déjà prêt : {LINK}\n", cte=cte)
    message.add_attachment(MEGABYTE, maintype="application", subtype="zip", filename="é.zip")
    uid = mailbox.append(message)
    session.noop()
    found = body(session, uid)
    assert found.text == f"Déjà prêt : {LINK}"
    assert [link.raw_url for link in found.links] == [LINK]
    assert found.attachments == ("é.zip",)


def test_fetching_sets_no_flag(session: Session, mailbox: Mailbox) -> None:
    uids = [mailbox.append(mail()), mailbox.append(mail(attachment=MEGABYTE))]
    session.noop()
    for uid in uids:
        body(session, uid)
    assert all(r"\Seen" not in flags for flags in mailbox.flags().values())


def test_an_attachment_costs_nothing(session: Session, mailbox: Mailbox, proxy: Proxy) -> None:
    uid = mailbox.append(mail(attachment=3 * MEGABYTE))
    session.noop()
    proxy.reset_counts()
    body(session, uid)
    assert sum(proxy.bytes.values()) < 4_000


def test_two_megabytes_of_html_are_cut_at_one_and_said_to_be(
    session: Session, mailbox: Mailbox
) -> None:
    message = mail()
    message.set_content(f'<a href="{LINK}">x</a>' + "<p>texte</p>" * 200_000, subtype="html")
    uid = mailbox.append(message)
    session.noop()
    found = body(session, uid)
    assert found.truncated
    assert [link.raw_url for link in found.links] == [LINK]


def test_mails_that_vanished_are_missing_and_no_error(session: Session, mailbox: Mailbox) -> None:
    uid = mailbox.append(mail())
    session.noop()
    assert list(fetch.overviews(session, [uid, uid + 1])) == [uid]


def test_many_mails_take_few_commands(session: Session, mailbox: Mailbox, proxy: Proxy) -> None:
    mailbox.drop([mail(f"mail {number}") for number in range(150)])
    session.noop()
    uids = session.search_above(0)
    proxy.reset_counts()
    overviews = [mail for mail in fetch.overviews(session, uids).values() if mail]
    found = fetch.bodies(session, overviews)
    assert len([body for body in found.values() if body]) == 150
    assert proxy.commands["UID FETCH"] <= 4


def test_a_search_above_the_last_uid_finds_nothing(session: Session, mailbox: Mailbox) -> None:
    uid = mailbox.append(mail())
    session.noop()
    assert session.search_above(uid) == []
