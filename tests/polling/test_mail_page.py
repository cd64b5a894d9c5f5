"""The life of a mail on one page, and the list that leads to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from configstore.documents import WebhookConfig
from configstore.store import ConfigStore
from polling.mail_words import words_of
from polling.models import KnownTerm, Mail, MailboxState, MailState
from polling.selection import Reason
from tests import journal
from tests.page_text import texts
from webhooks import transfers
from webhooks.endpoints import fingerprint
from webhooks.models import Attempt, Delivery, EndpointState, Outcome, State
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched

pytestmark = pytest.mark.django_db
LIST = "/admin/polling/mail/"
DELIVERIES = "/admin/webhooks/delivery/"
URL = "https://a.example/x"


@pytest.fixture
def configured(file_store: ConfigStore) -> Callable[..., None]:
    """The webhook as a person has set it."""

    def save(**fields: object) -> None:
        document = {"webhook_url": URL, **fields}
        file_store.save(WebhookConfig, "webhook_config", document)

    return save


def box() -> MailboxState:
    return journal.mailbox()


def mail(state: MailState = MailState.RELAYED, **fields: Any) -> Mail:
    mailbox = MailboxState.objects.first() or box()
    values: dict[str, Any] = {
        "uid": 7,
        "subject": "Lot 12",
        "message_id": "a" * 40,
        "seen_at": timezone.now(),
    }
    values |= fields
    values["words"] = words_of(values["subject"], values.get("sender_email", ""))
    return Mail.objects.create(mailbox=mailbox, uidvalidity=7, state=state, **values)


def delivery(state: State = State.DELIVERED, endpoint: str = "default", **fields: Any) -> Delivery:
    now = timezone.now()
    ended = state in (State.DELIVERED, State.DEAD, State.CANCELLED)
    values: dict[str, Any] = {"settled_at": now if ended else None, "due_at": now}
    return Delivery.objects.create(
        message_id="a" * 40, source="default", endpoint=endpoint, state=state, subject="Lot 12",
        webhook_id=f"msg_{endpoint}", payload='{"subject": "Lot 12"}', created_at=now,
        **{**values, **fields},
    )  # fmt: skip


def tried(row: Delivery, number: int, **fields: Any) -> None:
    began = timezone.now() - timedelta(minutes=number)
    Attempt.objects.create(
        delivery=row, number=number, token=uuid.uuid4(), started_at=began,
        ended_at=began + timedelta(seconds=1.25), **fields,
    )  # fmt: skip
    Delivery.objects.filter(pk=row.pk).update(attempts=number)


def says(browser: Client, address: str) -> str:
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200
    return " ".join(texts(answer.content.decode()))


def page(row: Mail) -> str:
    return f"{LIST}{row.pk}/change/"


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


def test_what_holds_it_and_until_when_is_said_on_both_pages_and_both_lists(
    browser: Client, configured: Callable[..., None]
) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    configured(absence_pause_enabled=True, absence_pause_days=[*days, "sunday"])
    row, held = mail(), delivery(State.QUEUED)
    for address in (LIST, page(row), DELIVERIES, f"{DELIVERIES}{held.pk}/change/"):
        assert "eld until somebody acts: absence" in says(browser, address)
    configured(webhook_time_start="00:00", webhook_time_end="00:01")
    assert "held: outside the time window, until " in says(browser, page(row))


def test_a_failing_endpoint_says_when_it_is_asked_again(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    row = mail()
    delivery(State.RETRY)
    soon, mark = timezone.now() + timedelta(minutes=1), fingerprint(URL)
    EndpointState.objects.create(endpoint="default", fingerprint=mark, failures=9, probe_at=soon)
    assert "the endpoint is failing, and asked again at" in says(browser, page(row))
    EndpointState.objects.update(probe_at=timezone.now())
    assert "the endpoint is failing, and asked again now" in says(browser, page(row))


def test_the_time_of_the_next_try_is_said(browser: Client, configured: Callable[..., None]) -> None:
    configured()
    row = mail()
    delivery(State.RETRY, due_at=timezone.now() + timedelta(hours=2))
    assert "next try at" in says(browser, page(row))


def test_an_endpoint_that_is_not_listed_is_said_to_hold_it_and_how_it_is_added(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    row = mail()
    delivery(State.QUEUED, "gone")
    assert "is not listed in webhook_config: add it" in says(browser, page(row))
    add = "/admin/configstore/webhook/add/?name=gone"
    assert add in browser.get(page(row)).content.decode()
    assert 'value="gone"' in browser.get(add).content.decode()


def test_what_waits_for_the_mailbox_is_said(browser: Client) -> None:
    row = mail()
    delivery(State.QUEUED)
    KnownTerm.objects.create(mailbox="default", held_back=True)
    sentence = "eld until the mailbox can be asked whether another poller has sent it"
    assert sentence in says(browser, page(row))
    assert sentence in says(browser, LIST)


def test_a_mark_that_is_still_to_come_is_said(browser: Client) -> None:
    row = mail()
    delivery()
    assert "Its mark in the mailbox is still to come." in says(browser, page(row))


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


def test_a_try_that_is_repeated_says_what_its_status_means(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    waits = delivery(State.RETRY)
    tried(waits, 1, outcome=Outcome.FAILED, status=403, error="HTTP 403")
    assert "check the secret headers" in says(browser, f"{DELIVERIES}{waits.pk}/change/")


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
    few = _queries(browser, address + query)
    journal.fill(mailbox, 190, timezone.now(), first=1000)
    many = _queries(browser, address + query)
    assert many <= few + 1  # the rows of a page of several


def _queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_a_page_asks_as_much_for_two_endpoints_as_for_six(browser: Client) -> None:
    row = mail()
    counts = []
    for number in range(6):
        tried(delivery(State.DEAD, f"e{number}"), 1)
        counts.append(_queries(browser, page(row)))
    assert counts[1] == counts[5]


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
