"""Why a mail did not arrive, in words, without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from configstore.documents import PollingConfig, ProcessingPrefs
from polling.models import MailState
from polling.selection import Reason
from polling.why.answer import Mood
from tests.polling.why.answers import NOW, addresses, life, mail, told, words
from webhooks.models import State


def test_it_begins_with_when_it_arrived_and_when_it_was_found() -> None:
    at_once = told(mail()).steps[0].text
    assert at_once == "It arrived in mailbox sales on Nov. 27, 2026, 09:00:00."
    late = told(mail(seen_at=NOW + timedelta(hours=2))).steps[0].text
    assert late.startswith(
        "It arrived in mailbox sales on Nov. 27, 2026, 09:00:00, and was found on"
    )
    assert told(mail(received_at=None)).steps[0].text.startswith("It was found in mailbox sales")


@pytest.mark.parametrize(
    ("reason", "sentence", "page"),
    [
        (Reason.SENDER, "studio@studio.example is not on the list of senders of mailbox sales, "
         "which has b.example.", "/mailbox/sales/change/#row_sender_of_interest_for_polling"),
        (Reason.SIZE, "It has 12.0 MB; 10 MB are allowed", "#row_max_email_size_mb"),
        (Reason.KEYWORD, "one of the words that keep mails back: promo, soldes.",
         "#row_exclude_keywords"),
        (Reason.NO_ATTACHMENT, "only those with one are wanted", "#row_require_attachments"),
        (Reason.NO_LINK, "delivery links too” is on", "#row_relay_without_links"),
        (Reason.SUBJECT_GROUP, "Of all mails about “lot 12” one is relayed",
         "/mailbox/sales/change/#row_enable_subject_group_dedup"),
    ],
)  # fmt: skip
def test_an_ignored_mail_leads_to_the_setting_that_kept_it_back(
    reason: Reason, sentence: str, page: str
) -> None:
    config = PollingConfig(sender_of_interest_for_polling=("b.example",))
    prefs = ProcessingPrefs(max_email_size_mb=10, exclude_keywords=("promo", "soldes"))
    row = mail(MailState.IGNORED, reason=reason, message_id="", size=12_000_000)
    found = told(row, config=config, prefs=prefs)
    assert found.summary == f"Not relayed, because {reason.label}."
    assert found.mood is Mood.QUIET
    assert sentence in words(found)
    assert addresses(found)[0].endswith(page)
    assert "have it sent to the mailbox once more" in found.steps[-1].text


@pytest.mark.parametrize("reason", Reason)
def test_where_the_settings_are_not_known_it_is_explained_all_the_same(reason: Reason) -> None:
    found = told(mail(MailState.IGNORED, reason=reason, message_id="", size=12_000_000))
    assert len(found.steps) >= (2 if reason is Reason.REPLY else 3)
    assert "None" not in words(found)


def test_of_a_reply_no_setting_is_named() -> None:
    found = told(mail(MailState.IGNORED, reason=Reason.REPLY, message_id=""))
    assert "no setting changes that" in words(found)
    assert "What is changed counts" not in words(found)
    assert addresses(found) == []


def test_a_sender_who_is_on_the_list_by_now_is_said_to_be() -> None:
    config = PollingConfig(sender_of_interest_for_polling=("studio.example",))
    found = told(mail(MailState.IGNORED, reason=Reason.SENDER, message_id=""), config=config)
    assert "was not on the list of senders of mailbox sales then; by now it is." in words(found)


def test_a_long_list_of_senders_is_cut() -> None:
    senders = tuple(f"s{number}.example" for number in range(9))
    config = PollingConfig(sender_of_interest_for_polling=senders)
    found = told(mail(MailState.IGNORED, reason=Reason.SENDER, message_id=""), config=config)
    assert "s4.example, …." in words(found)


def test_the_mail_that_was_relayed_of_its_group_is_named() -> None:
    other = mail(MailState.SETTLED, pk=4, subject="Lot 12, suite")
    row = mail(MailState.IGNORED, reason=Reason.SUBJECT_GROUP, message_id="")
    found = told(row, kept_back_by=other)
    assert "The one that was relayed is “Lot 12, suite” of Nov. 27, 2026" in words(found)
    assert "/admin/polling/mail/4/change/" in addresses(found)
    assert "is not in the journal any more" in words(told(row))


def test_a_mail_that_cannot_be_read_yet_says_when_it_is_tried_again() -> None:
    row = mail(MailState.FAILED, fault="IMAP FETCH failed", message_id="", retry_at=NOW)
    found = told(row)
    assert found.summary == "It could not be read yet: IMAP FETCH failed."
    assert "It is tried again on Nov. 27, 2026, 09:00:00, and left alone after 3 tries" in words(
        found
    )
    row.retry_at = None
    assert "It is tried again, and left alone after 3 tries" in words(told(row))


def test_a_quarantined_mail_says_what_a_person_can_do() -> None:
    found = told(mail(MailState.QUARANTINED, fault="nonsense.", message_id="", tries=3))
    assert found.mood is Mood.BAD
    assert found.summary == "It could not be read in 3 tries, and is left alone: nonsense."
    assert "it can be tried again, and downloaded" in words(found)
    assert addresses(found) == ["/admin/polling/mail/5/change/"]


def test_a_mail_that_vanished_is_to_be_looked_for() -> None:
    found = told(mail(MailState.GONE, subject="", message_id=""))
    assert found.summary == "It vanished from the folder before it was read."
    assert "moved back to INBOX it is read" in words(found)


def test_a_mail_that_was_settled_elsewhere_says_by_what_it_was_known() -> None:
    found = told(mail(MailState.SETTLED, message_id="", settled_at=NOW))
    assert found.mood is Mood.OK
    assert "$RenderSignal" in words(found)


def test_a_mail_whose_deliveries_were_pruned_says_after_how_many_days() -> None:
    row = mail(MailState.SETTLED, settled_at=NOW)
    found = told(row, prefs=ProcessingPrefs(journal_days=90))
    assert "settled on Nov. 27, 2026, 09:00:00, and its deliveries are not in the journal" in words(
        found
    )
    assert "after 90 days" in words(found)
    assert "in time (“Days in the journal”)" in words(told(mail()))


def test_a_row_whose_uid_is_another_mails_by_now_says_so() -> None:
    found = told(mail(MailState.SETTLED, uidvalidity=-5), life(State.DELIVERED))
    assert "Its UID belongs to another mail" in words(found)


@pytest.mark.parametrize("state", MailState)
@pytest.mark.parametrize("delivery", [*State, None])
def test_there_is_an_answer_to_everything(state: MailState, delivery: State | None) -> None:
    lives = [life(delivery, "it is due now", reason="HTTP 413")] if delivery else []
    found = told(mail(state, reason=Reason.SIZE if state == MailState.IGNORED else ""), *lives)
    assert found.summary.endswith(".")
    assert ".." not in words(found)
    assert all(step.text.endswith(".") for step in found.steps)
