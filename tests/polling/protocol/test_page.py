"""The page on which a protocol log is switched on and read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from polling.models import ProtocolLine, ProtocolLog
from polling.protocol.recorder import Side
from tests import journal
from tests.page_text import texts

pytestmark = pytest.mark.django_db
PAGE = "/admin/polling/mailboxstate/protocol/default/"


def seeing(*permissions: str) -> Client:
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(bob)
    return client


def says(browser: Client, address: str = PAGE) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(texts(answer.content.decode()))


def logged(*lines: tuple[Side, str], hours: float = 1) -> ProtocolLog:
    log = ProtocolLog.keep("default", timezone.now() + timedelta(hours=hours))
    for side, text in lines:
        ProtocolLine.objects.create(log=log, at=timezone.now(), side=side, text=text)
    return log


def test_it_is_switched_on_for_an_hour_and_off_again(browser: Client) -> None:
    assert "It is not logged." in says(browser)
    assert "The protocol is logged until" in browser.post(PAGE, {"on": ""}, follow=True).text
    left = ProtocolLog.objects.get().until - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert "It is logged until" in says(browser)
    browser.post(PAGE, {"off": ""})
    assert not ProtocolLog.objects.get().is_kept
    assert "It was logged until" in says(browser)
    told = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert [*told] == ["Protocol log switched on.", "Protocol log switched off."]


def test_the_lines_are_shown_and_downloaded_with_the_newest_last(browser: Client) -> None:
    logged((Side.NOTE, "connected"), (Side.SENT, "K1 LOGIN …"), (Side.RECEIVED, "K1 OK <hello>"))
    answer = browser.get(f"{PAGE}text/")
    assert answer["Content-Disposition"] == 'attachment; filename="protocol-default.txt"'
    assert answer["Content-Type"].startswith("text/plain")
    head, marks, *lines = answer.content.decode().splitlines()
    assert "mailbox default" in head
    assert "left out" in marks
    assert [line[24:] for line in lines] == ["- connected", "> K1 LOGIN …", "< K1 OK <hello>"]
    assert "&lt;hello&gt;" in browser.get(PAGE).content.decode()


def test_a_log_without_a_line_says_why_until_there_is_one(browser: Client) -> None:
    logged()
    assert "Nothing is said: no process holds the lock of this mailbox." in says(browser)
    logged((Side.SENT, "K1 NOOP"))
    assert "Nothing is said" not in says(browser)


def test_the_head_of_the_log_is_in_the_language_of_the_page(browser: Client) -> None:
    logged()
    text = browser.get(f"{PAGE}text/", headers={"Accept-Language": "fr"}).content.decode()
    assert "# > envoyé, < reçu, - noté" in text


def test_a_mailbox_that_nobody_knows_has_none(browser: Client) -> None:
    assert browser.get(PAGE.replace("default", "nobody")).status_code == 404
    assert browser.get(f"{PAGE}text/").status_code == 404


def test_the_page_of_the_mailbox_state_leads_to_it(browser: Client) -> None:
    state = journal.mailbox("sales")
    page = browser.get(f"/admin/polling/mailboxstate/{state.pk}/change/").content.decode()
    assert PAGE.replace("default", "sales") in page


def test_who_may_only_look_cannot_switch_it() -> None:
    client = seeing("view_mailboxstate")
    logged((Side.SENT, "K1 NOOP"))
    assert "Switch it off" not in says(client)
    assert client.post(PAGE, {"off": ""}).status_code == 403
    assert client.get(f"{PAGE}text/").status_code == 200
    assert ProtocolLog.objects.get().is_kept


def test_who_may_not_look_sees_nothing() -> None:
    client = seeing("view_mail")
    logged()
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}text/").status_code == 403
