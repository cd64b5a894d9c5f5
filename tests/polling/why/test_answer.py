"""Why a mail did not arrive, in words, without a database."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from configstore.documents import PollingConfig, ProcessingPrefs
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from polling.why.answer import Answer, Circumstances, Mood, answer, lone_answer
from webhooks.life import Life, Try
from webhooks.models import Attempt, Delivery, Outcome, State
from webhooks.pages import endpoint_add_page, endpoint_page
from webhooks.remedy import Remedy

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
BOX = MailboxState(pk=3, name="sales", identity="user@mail.example:993/INBOX", uidvalidity=7)


def mail(state: MailState = MailState.RELAYED, **fields: Any) -> Mail:
    values: dict[str, Any] = {
        "pk": 5, "mailbox": BOX, "uidvalidity": 7, "uid": 9, "subject": "Livraison lot 12",
        "sender_email": "studio@studio.example", "message_id": "a" * 40, "received_at": NOW,
        "seen_at": NOW, "settled_at": None,
    }  # fmt: skip
    return Mail(state=state, **{**values, **fields})


def life(
    state: State,
    standing: str = "",
    said: str = "",
    remedy: Remedy | None = None,
    **fields: Any,
) -> Life:
    ended = state in (State.DELIVERED, State.DEAD, State.CANCELLED)
    values: dict[str, Any] = {
        "pk": 8, "endpoint": "default", "webhook_id": "msg_1", "attempts": 1 if said else 0,
        "settled_at": NOW if ended else None,
    }  # fmt: skip
    row = Delivery(state=state, **{**values, **fields})
    attempt = Attempt(
        delivery=row, number=1, token=uuid.uuid4(), started_at=NOW, outcome=Outcome.FAILED,
        error=said,
    )  # fmt: skip
    tries = [Try(attempt=attempt)] if said else []
    return Life(delivery=row, state=str(state.label), standing=standing, remedy=remedy, tries=tries)


def told(mail: Mail, *lives: Life, **around: Any) -> Answer:
    with timezone.override("Europe/Paris"):
        return answer(mail, lives, Circumstances(**around))


def words(found: Answer) -> str:
    return " ".join([found.summary, *(step.text for step in found.steps)])


def addresses(found: Answer) -> list[str]:
    return [step.link.address for step in found.steps if step.link]


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


def test_what_the_endpoint_accepted_is_found_there_by_its_id() -> None:
    row = mail(MailState.SETTLED, settled_at=NOW)
    found = told(row, life(State.DELIVERED, said="HTTP 200"))
    assert found.mood is Mood.OK
    assert found.summary == "Endpoint default accepted it on Nov. 27, 2026, 09:00:00."
    assert "Endpoint default was tried 1 time, last on Nov. 27, 2026, 09:00:00: HTTP 200." in words(
        found
    )
    assert "look there for the webhook-id msg_1" in words(found)
    assert "It was marked as settled in the mailbox on" in words(found)
    assert addresses(found) == ["/admin/webhooks/delivery/8/change/"]


def test_a_mark_that_is_still_to_come_is_said() -> None:
    assert "Its mark in the mailbox is still to come." in words(told(mail(), life(State.DELIVERED)))


def test_a_dead_delivery_says_what_to_do() -> None:
    dead = life(State.DEAD, said="HTTP 503", reason="given up after the last retry: HTTP 503")
    found = told(mail(MailState.SETTLED), dead)
    assert found.mood is Mood.BAD
    assert "given up for endpoint default on Nov. 27" in found.summary
    assert "then send it again on the page of the delivery" in words(found)
    assert [*addresses(found)][-1].endswith("/webhook/webhook_config/change/")


def test_what_was_cancelled_says_by_whom() -> None:
    found = told(mail(MailState.SETTLED), life(State.CANCELLED, reason="cancelled by ada"))
    assert found.mood is Mood.QUIET
    assert found.summary == "It was cancelled for endpoint default: cancelled by ada."


def test_what_is_held_says_by_what_and_until_when() -> None:
    remedy = Remedy(link=endpoint_page("editing", "absence_pause_enabled"))
    until = "held: absence, until 11/30/2026 midnight"
    held = life(State.QUEUED, until, remedy=remedy, endpoint="editing")
    found = told(mail(), held)
    assert found.mood is Mood.WAITS
    assert found.summary == (
        "It has not left for endpoint editing yet: held: absence, until 11/30/2026 midnight."
    )
    assert addresses(found)[0].endswith("/webhook/editing/change/#row_absence_pause_enabled")
    assert [step.resume for step in found.steps] == ["", ""]


def test_what_a_person_may_resume_is_offered_with_the_button() -> None:
    remedy = Remedy(link=endpoint_page("default"), resume="default")
    held = life(State.RETRY, "held until somebody acts: HTTP 410", "HTTP 410", remedy=remedy)
    found = told(mail(), held)
    assert "resume the endpoint: all that waits for it is tried at once." in words(found)
    assert found.steps[-1].resume == "default"


def test_what_waits_for_an_endpoint_that_nobody_described_says_how_to_add_it() -> None:
    remedy = Remedy(link=endpoint_add_page("gone"), adds=True)
    found = told(mail(), life(State.QUEUED, "held", remedy=remedy, endpoint="gone"))
    assert "Describe the endpoint, or cancel" in words(found)
    assert addresses(found) == ["/admin/configstore/webhook/add/?name=gone"]


def test_what_nothing_holds_leads_to_the_page_that_says_whether_anybody_sends() -> None:
    found = told(mail(), life(State.QUEUED, "it is due now"))
    assert addresses(found) == ["/admin/"]


def test_a_retry_says_what_the_endpoint_answered_and_when_it_is_tried_next() -> None:
    waiting = life(State.RETRY, "next try at Nov. 27, 2026, 10:00:00", "HTTP 500", failures=1)
    text = words(told(mail(), waiting))
    assert "Endpoint default has not accepted it yet (HTTP 500): next try at Nov. 27" in text
    assert "last on Nov. 27, 2026, 09:00:00: HTTP 500." in text
    assert "On the page of the delivery it can be tried now." in text


def test_what_is_being_sent_needs_no_advice() -> None:
    found = told(mail(), life(State.SENDING, "it is being sent"))
    assert found.summary == "It has not left for endpoint default yet: it is being sent."
    assert len(found.steps) == 1


def test_what_waits_for_the_mailbox_says_so_for_all_endpoints() -> None:
    found = told(mail(), life(State.QUEUED, "it is due now"), held_back=True)
    assert "until the mailbox can be asked whether another poller has sent it" in found.summary
    assert "due now" not in words(found)


def test_of_several_endpoints_the_worst_is_what_colours_the_answer() -> None:
    dead = life(State.DEAD, endpoint="sales", reason="HTTP 413")
    found = told(mail(MailState.SETTLED), life(State.DELIVERED), dead)
    assert found.mood is Mood.BAD
    assert "Endpoint default accepted it" in found.summary
    assert "given up for endpoint sales" in found.summary


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


def test_a_delivery_without_its_mail_is_explained_too() -> None:
    with timezone.override("Europe/Paris"):
        found = lone_answer(life(State.DEAD, reason="HTTP 413"))
    assert "given up for endpoint default" in found.summary
    assert "Its mail is not in the journal any more." in words(found)


@pytest.mark.parametrize("state", MailState)
@pytest.mark.parametrize("delivery", [*State, None])
def test_there_is_an_answer_to_everything(state: MailState, delivery: State | None) -> None:
    lives = [life(delivery, "it is due now", reason="HTTP 413")] if delivery else []
    found = told(mail(state, reason=Reason.SIZE if state == MailState.IGNORED else ""), *lives)
    assert found.summary.endswith(".")
    assert ".." not in words(found)
    assert all(step.text.endswith(".") for step in found.steps)
