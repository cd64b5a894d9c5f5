from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from polling.accounts import Account
from polling.identity import message_id
from polling.mail import Body, Overview
from tests.polling.examples import ARRIVED, body, header, overview

ACCOUNT = Account(
    name="default",
    host="imap.example",
    port=993,
    security="tls",
    auth="auto",
    user="user@relay.example",
    password="secret",
    folder="INBOX",
)


def test_it_is_the_same_wherever_the_mail_is_met_again() -> None:
    moved = replace(overview(), uid=99, received_at=ARRIVED + timedelta(days=3), size=2000)
    elsewhere = replace(ACCOUNT, host="other.example", folder="Archive", password="new")
    assert message_id(ACCOUNT, overview(), body()) == message_id(elsewhere, moved, body())


@pytest.mark.parametrize(
    ("mail", "content"),
    [
        (overview(header("Lot 13")), body()),
        (overview(header(message_id="<2@studio.example>")), body()),
        (overview(header(date="Sat, 21 Nov 2026 09:00:00 +0000")), body()),
        (overview(header(sender_email="other@studio.example")), body()),
        (overview(), body(digest=b"other")),
    ],
)
def test_it_differs_for_different_mails(mail: Overview, content: Body) -> None:
    assert message_id(ACCOUNT, overview(), body()) != message_id(ACCOUNT, mail, content)


@pytest.mark.parametrize("incomplete", [header(message_id=""), header(date="")])
def test_without_message_id_or_date_the_arrival_tells_mails_apart(incomplete: object) -> None:
    first = replace(overview(), header=incomplete)  # type: ignore[arg-type]
    later = replace(first, received_at=ARRIVED + timedelta(seconds=1))
    assert message_id(ACCOUNT, first, body()) != message_id(ACCOUNT, later, body())


def test_it_does_not_change_from_one_version_to_the_next() -> None:
    assert message_id(ACCOUNT, overview(), body()) == "0f7f9bbdf526c90859b55f5aadbc9df8f6251392"
