"""The list of mails: what it finds, what it costs, and how it and the pages lead to each other."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from polling.models import Mail, MailState
from tests import journal
from tests.polling.mail_pages import (
    DELIVERIES,
    LIST,
    box,
    delivery,
    mail,
    page,
    queries,
)
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


def test_the_pages_lead_to_each_other(browser: Client) -> None:
    row, one = mail(), delivery()
    assert f"{DELIVERIES}{one.pk}/change/" in browser.get(page(row)).content.decode()
    answer = browser.get(f"{LIST}of/{one.message_id}/", follow=True)
    assert answer.redirect_chain[-1][0] == page(row)
    assert f"{LIST}of/{one.message_id}/" in browser.get(
        f"{DELIVERIES}{one.pk}/change/"
    ).content.decode()  # fmt: skip


def test_of_two_copies_both_are_listed(browser: Client) -> None:
    mail()
    mail(uid=8)
    one = delivery()
    answer = browser.get(f"{LIST}of/{one.message_id}/", follow=True)
    assert len(answer.context["cl"].result_list) == 2


@pytest.mark.parametrize("address", [LIST, DELIVERIES])
def test_who_may_not_look_sees_nothing(address: str) -> None:
    client = Client()
    client.force_login(User.objects.create_user("bob", is_staff=True))
    row, one = mail(), delivery()
    assert client.get(address).status_code == 403
    for place in (page(row), f"{DELIVERIES}{one.pk}/change/"):
        assert client.get(place).status_code == 403


@pytest.mark.parametrize("address", [f"{LIST}99/change/", f"{DELIVERIES}99/change/",
                                     f"{LIST}x/change/", f"{DELIVERIES}x/change/"])  # fmt: skip
def test_what_is_not_there_is_not_found(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("query", ["", "?q=livraison", "?q=lot+1", "?state__exact=settled"])
@pytest.mark.parametrize("address", [LIST, DELIVERIES])
def test_a_list_asks_as_much_for_ten_rows_as_for_sixty(
    browser: Client, address: str, query: str
) -> None:
    mailbox = box()
    journal.fill(mailbox, 10, timezone.now(), first=journal.WAITING_EVERY)
    browser.get(address + query)
    few = queries(browser, address + query)
    journal.fill(mailbox, 190, timezone.now(), first=1000)
    many = queries(browser, address + query)
    assert many <= few + 1  # the rows of a page of several


def test_accents_and_capitals_do_not_matter_for_mails_that_were_ignored(browser: Client) -> None:
    mail(MailState.IGNORED, message_id="", subject="Été", sender_email="A@b.example")
    mail(MailState.IGNORED, message_id="", uid=8, subject="E\u0301te\u0301 straße", sender_email="")
    for text, count in (("été", 2), ("ÉTÉ", 2), ("ete", 2), ("a@B.example", 1), ("straße", 1)):
        answer = browser.get(LIST, {"q": text})
        assert len(answer.context["cl"].result_list) == count, text


def test_a_pasted_link_finds_the_mail(browser: Client) -> None:
    journal.fill(box(), 20, timezone.now())
    answer = browser.get(LIST, {"q": journal.link(7)})
    assert [row.uid for row in answer.context["cl"].result_list] == [7]


def test_what_the_lists_and_the_pruning_ask_uses_an_index() -> None:
    if connection.vendor != "sqlite":
        return
    pruned = Mail.objects.filter(state=MailState.SETTLED, seen_at__lt=timezone.now())
    assert "USING INDEX mail_by_state" in pruned.order_by("seen_at", "pk").explain()
    dead = Delivery.objects.filter(state=State.DEAD, settled_at__gte=timezone.now())
    assert "USING INDEX delivery_" in dead.explain()
    recent = Delivery.objects.filter(created_at__gte=timezone.now()).values("pk")
    assert "USING COVERING INDEX delivery_created" in recent.explain()
