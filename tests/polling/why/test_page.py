"""The page that answers why a mail did not arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.store import ConfigStore
from polling.mail_words import words_of
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from polling.why import asked
from polling.why.asked import cleaned
from tests import journal
from tests.page_text import texts
from webhooks.models import Delivery, SearchKey, State

pytestmark = pytest.mark.django_db
PAGE = "/admin/polling/mail/why/"


@pytest.fixture
def configured(file_store: ConfigStore) -> Callable[..., None]:
    """The mailbox as a person has described it."""

    def save(**fields: object) -> None:
        described = {"imap_host": "mail.example", "imap_user": "default", "imap_password": "x"}
        file_store.save(PollingConfig, "polling_config", {**described, **fields})

    return save


@pytest.fixture
def box() -> MailboxState:
    return journal.mailbox()


def mail(box: MailboxState, state: MailState = MailState.IGNORED, **fields: Any) -> Mail:
    values: dict[str, Any] = {"uid": 7, "subject": "Recadrage 4711", "seen_at": timezone.now()}
    values |= {"sender_email": "studio@studio.example"}
    values |= fields
    values["words"] = words_of(values["subject"], values.get("sender_email", ""))
    return Mail.objects.create(mailbox=box, uidvalidity=7, state=state, **values)


def says(browser: Client, query: str = "") -> str:
    answer = browser.get(PAGE, {"q": query} if query else {})
    assert answer.status_code == 200
    return " ".join(texts(answer.content.decode()))


@pytest.mark.parametrize("text", ["été", "Été", "ETE", "ete", "e\u0301te\u0301"])
@pytest.mark.parametrize("message_id", ["", "a" * 40])
def test_a_short_word_is_found_whatever_its_accents(
    browser: Client, box: MailboxState, text: str, message_id: str
) -> None:
    mail(box, reason=Reason.SENDER, subject="Livraison d’ÉTÉ", message_id=message_id)
    mail(box, reason=Reason.SENDER, subject="Hiver", uid=8)
    assert "Livraison d’ÉTÉ" in says(browser, text)
    assert "Hiver" not in says(browser, text)


def test_before_a_question_there_is_only_the_box(browser: Client) -> None:
    text = says(browser)
    assert "Why did this mail not arrive?" in text
    assert "What it can mean" not in text


@pytest.mark.parametrize(
    "query", ["recadrage", "4711 studio", "Studio <studio@studio.example>", "“Recadrage 4711”"]
)
def test_one_mail_is_answered_whole(browser: Client, box: MailboxState, query: str) -> None:
    row = mail(box, reason=Reason.SENDER)
    text = says(browser, query)
    assert "Not relayed, because its sender is not on the list." in text
    assert "Settings of mailbox default" in text
    address = f"/admin/polling/mail/{row.pk}/change/"
    assert address in browser.get(PAGE, {"q": query}).content.decode()


def test_of_several_each_has_its_sentence(browser: Client, box: MailboxState) -> None:
    mail(box, reason=Reason.SENDER)
    mail(box, MailState.QUARANTINED, uid=8, tries=3, fault="nonsense")
    text = says(browser, "recadrage")
    assert "2 mails with all these words" in text
    assert "Not relayed, because its sender is not on the list." in text
    assert "It could not be read in 3 tries, and is left alone: nonsense." in text
    assert "Settings of mailbox" not in text


def test_of_many_the_last_are_shown_and_the_list_is_led_to(
    browser: Client, box: MailboxState
) -> None:
    journal.fill(box, 30, timezone.now())
    page = browser.get(PAGE, {"q": "livraison"}).content.decode()
    assert page.count("<li>\n<a href") == 10
    assert "Livraison été, lot 30" in page
    assert "/admin/polling/mail/?q=livraison" in page


def test_a_delivery_tells_what_it_waits_for(
    browser: Client, box: MailboxState, configured: Callable[..., None]
) -> None:
    configured()
    journal.fill(box, 1, timezone.now(), first=journal.WAITING_EVERY)
    text = says(browser, journal.link(journal.WAITING_EVERY))
    assert "It has not left for endpoint default yet: held until somebody acts: no webhook" in text


def test_the_mail_that_was_relayed_of_its_group_is_named(
    browser: Client, box: MailboxState
) -> None:
    fields = {"subject_group": "lot 12", "message_id": "a" * 40}
    mail(box, MailState.SETTLED, uid=1, subject="Lot 12", sender_email="first@b.example", **fields)
    mail(box, reason=Reason.SUBJECT_GROUP, subject="Lot 12 bis")
    assert "The one that was relayed is “Lot 12”" in says(browser, "bis")


def test_a_delivery_whose_mail_has_left_the_journal_is_found(
    browser: Client, box: MailboxState
) -> None:
    journal.fill(box, 1, timezone.now(), first=journal.DEAD_EVERY)
    Mail.objects.all().delete()
    text = says(browser, "livraison")
    assert "It was given up for endpoint default" in text
    assert "Its mail is not in the journal any more." in text


def test_where_nothing_is_found_the_mailbox_and_similar_senders_are_looked_at(
    browser: Client, box: MailboxState, configured: Callable[..., None]
) -> None:
    configured()
    MailboxState.objects.update(
        identity="default@mail.example:993/INBOX", searched_at=timezone.now()
    )
    mail(box, reason=Reason.SENDER)
    text = says(browser, "studio@studoi.example")
    assert "No mail in the journal has all these words" in text
    assert "Is one of these senders meant? studio@studio.example" in text
    assert "Nobody reads mailbox default: no process holds its lock." in text
    assert "leaves the journal after 90 days" in text
    configured(enable_polling=False)
    assert "polling is switched off (“Read this mailbox”)" in says(browser, "nothing")


def test_a_mailbox_that_is_not_described_is_said_to_be_so(
    browser: Client, configured: Callable[..., None], file_store: ConfigStore
) -> None:
    file_store.save(ProcessingPrefs, "processing_prefs", {"journal_days": 0})
    text = says(browser, "nothing")
    assert "Mailbox default is not served. No mailbox is set up" in text
    assert "leaves the journal" not in text


def test_who_may_not_look_sees_nothing(box: MailboxState) -> None:
    client = Client()
    client.force_login(User.objects.create_user("bob", is_staff=True))
    assert client.get(PAGE, {"q": "recadrage"}).status_code == 403


def test_what_is_asked_is_no_markup(browser: Client) -> None:
    assert "<b>x</b>" not in browser.get(PAGE, {"q": "<b>x</b>"}).content.decode()
    assert browser.get(PAGE, {"q": "% _ '\""}).status_code == 200
    assert browser.get(PAGE, {"q": "x" * 3000}).status_code == 200


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("Ada Lovelace <ada@b.example>", "ada@b.example"),
        ("From: Ada <ada@b.example>", "ada@b.example"),
        ("« Lot 12 »", "Lot 12"),
        ("lot, 12;", "lot 12"),
        ("https://www.dropbox.com/a?b=1", "https://www.dropbox.com/a?b=1"),
        ("***", "***"),
    ],
)
def test_what_is_pasted_is_understood(pasted: str, meant: str) -> None:
    assert cleaned(pasted) == meant


def queries(browser: Client, query: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        says(browser, query)
    return len(captured)


@pytest.mark.parametrize("query", ["livraison", "lot studio3", "not there at all"])
def test_it_asks_as_much_for_ten_mails_as_for_thousands(
    browser: Client, box: MailboxState, query: str
) -> None:
    journal.fill(box, 10, timezone.now(), first=90)
    says(browser, query)
    few = queries(browser, query)
    journal.fill(box, 900, timezone.now() - timedelta(days=1), first=1000)
    assert queries(browser, query) <= few + 2
    assert Delivery.objects.exclude(state=State.DELIVERED).count() > 10


def test_the_number_of_a_lot_is_not_looked_for_in_links(browser: Client, box: MailboxState) -> None:
    journal.fill(box, 3, timezone.now(), first=90)
    SearchKey.objects.create(message_id=Mail.objects.latest("pk").message_id, key="a.example/x60yz")
    assert asked.mails("lot 60") == []
    assert len(asked.mails("lot x60yz")) == 1
