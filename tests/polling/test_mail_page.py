"""The life of a mail on one page, and the list that leads to it."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from polling.models import MailState
from polling.selection import Reason
from tests.polling.mail_pages import (
    DELIVERIES,
    LIST,
    delivery,
    mail,
    page,
    queries,
    says,
    tried,
)
from webhooks import transfers
from webhooks.models import Delivery, Outcome, State
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched

pytestmark = pytest.mark.django_db


def test_it_tells_the_life_of_a_mail_that_was_delivered_and_given_up(browser: Client) -> None:
    row = mail(MailState.SETTLED, received_at=timezone.now(), settled_at=timezone.now())
    tried(delivery(), 1, outcome=Outcome.DELIVERED, status=200, answer="welcome")
    dead = delivery(State.DEAD, "sales", reason="given up after the last retry: HTTP 503")
    tried(dead, 1, outcome=Outcome.FAILED, status=503, error="HTTP 503", answer="<b>busy</b>")
    text = says(browser, page(row))
    told = [
        "Arrived at the mail server.",
        "Found in mailbox default, as UID 7.",
        "Queued for endpoint default.",
        "Endpoint default has it.",
        "Given up for endpoint sales: it waits for a person.",
        "given up after the last retry: HTTP 503",
        "Marked as settled in the mailbox.",
    ]
    assert [sentence for sentence in told if sentence not in text] == []
    assert "HTTP 200" in text
    assert "1.25 s" in text
    assert "welcome" in text
    assert "<b>busy</b>" in text


@pytest.mark.parametrize("reason", Reason)
def test_why_it_was_ignored_is_a_sentence(browser: Client, reason: Reason) -> None:
    row = mail(MailState.IGNORED, reason=reason, message_id="")
    assert f"Not relayed, because {reason.label}." in says(browser, page(row))
    assert str(reason.label) in says(browser, LIST)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (MailState.GONE, "It vanished before it was read."),
        (MailState.FAILED, "It could not be read yet, in 3 tries of its own."),
        (MailState.QUARANTINED, "It could not be read in 3 tries"),
        (MailState.SETTLED, "Another poller, with a database of its own, had settled it."),
    ],
)
def test_what_became_of_a_mail_without_deliveries_is_said(
    browser: Client, state: MailState, sentence: str
) -> None:
    row = mail(state, message_id="", tries=3, fault="nonsense" if "read" in sentence else "")
    assert sentence in says(browser, page(row))


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (413, "too large for the receiver"),
        (404, "In n8n the workflow has to be active"),
        (405, "in Make the scenario has to be on"),
        (401, "check the secret headers"),
        (308, "redirects are not followed"),
        (422, "does not accept the content"),
        (429, "too many requests"),
        (502, "The receiver itself fails"),
    ],
)
def test_what_a_status_means_is_said_in_words(browser: Client, status: int, means: str) -> None:
    dead = delivery(State.DEAD, reason=f"given up after the last retry: HTTP {status}")
    for number in (1, 2):
        tried(dead, number, outcome=Outcome.FAILED, status=status, error=f"HTTP {status}")
    text = says(browser, f"{DELIVERIES}{dead.pk}/change/")
    assert text.count(means) == 1
    assert text.count(f"HTTP {status}") == 3  # of the delivery, and of each try
    assert means in says(browser, page(mail()))


def test_which_links_were_transferred_and_which_not_is_said(browser: Client) -> None:
    stored, failed = (f"https://www.dropbox.com/s/{number}?rlkey=s3cret" for number in (1, 2))
    links = [
        {"provider": "dropbox", "raw_url": stored, "direct_url": None,
         "r2_url": "https://files.example.org/a", "original_filename": "lot.zip"},
        {"provider": "dropbox", "raw_url": failed, "direct_url": None},
    ]  # fmt: skip
    row = mail()
    made = [delivery(endpoint=name) for name in ("default", "sales")]
    Delivery.objects.update(payload=json.dumps({"delivery_links": links}))
    sources = [Source(provider="dropbox", url=url) for url in (stored, failed)]
    asked = [
        Fetched(source=sources[0], r2_url="https://files.example.org/a"),
        Fetched(source=sources[1], error="HTTP 507: bucket is full"),
    ]
    transfers.remember(asked, timezone.now())
    text = says(browser, page(row))
    assert "lot.zip, the files of https://www.dropbox.com/s/1?…, was transferred to R2." in text
    sentence = "The files of https://www.dropbox.com/s/2?… were not transferred to R2."
    assert sentence in text
    assert "HTTP 507: bucket is full" in text
    assert "s3cret" not in text
    for address in (page(row), f"{DELIVERIES}{made[0].pk}/change/"):
        assert 'href="https://files.example.org/a"' in browser.get(address).content.decode()


def test_of_thousands_of_tries_the_last_are_shown(browser: Client) -> None:
    row, failing = mail(), delivery(State.RETRY)
    for number in range(1, 61):
        tried(failing, number, error=f"try number {number}.")
    text = says(browser, page(row))
    assert "try number 60." in text
    assert "try number 11." in text
    assert "try number 10." not in text
    assert "10 earlier tries are not shown." in text


def test_a_delivery_is_sent_again_on_the_page_of_its_mail(browser: Client) -> None:
    row, dead = mail(MailState.SETTLED), delivery(State.DEAD)
    answer = browser.post(
        f"{DELIVERIES}{dead.pk}/change/", {"send_again": "", "back": page(row)}, follow=True
    )
    assert answer.redirect_chain == [(page(row), 302)]
    assert "1 delivery is queued." in answer.content.decode()
    assert Delivery.objects.get().state == State.QUEUED
    assert LogEntry.objects.get().change_message == "Sent again."
    browser.post(f"{DELIVERIES}{dead.pk}/change/", {"cancel": "", "back": "https://evil.example/"})
    assert Delivery.objects.get().state == State.CANCELLED


def test_nobody_is_led_elsewhere(browser: Client) -> None:
    dead = delivery(State.DEAD)
    answer = browser.post(
        f"{DELIVERIES}{dead.pk}/change/", {"send_again": "", "back": "https://evil.example/"}
    )
    assert answer["Location"] == f"{DELIVERIES}{dead.pk}/change/"


def test_who_may_only_look_gets_no_button_and_changes_nothing() -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    seeing = Permission.objects.filter(codename__in=["view_mail", "view_delivery"])
    bob.user_permissions.set(seeing)
    client = Client()
    client.force_login(bob)
    row, dead = mail(), delivery(State.DEAD)
    for address in (page(row), f"{DELIVERIES}{dead.pk}/change/"):
        assert "Send again" not in says(client, address)
    assert client.post(f"{DELIVERIES}{dead.pk}/change/", {"send_again": ""}).status_code == 403
    assert Delivery.objects.get().state == State.DEAD


def test_a_page_asks_as_much_for_two_endpoints_as_for_six(browser: Client) -> None:
    row = mail()
    counts = []
    for number in range(6):
        tried(delivery(State.DEAD, f"e{number}"), 1)
        counts.append(queries(browser, page(row)))
    assert counts[1] == counts[5]
