"""What an answer says of the deliveries of a mail, in words."""

from __future__ import annotations

from django.utils import timezone

from polling.models import MailState
from polling.why.answer import Mood, lone_answer
from tests.polling.why.answers import NOW, addresses, life, mail, told, words
from webhooks.models import State
from webhooks.pages import endpoint_add_page, endpoint_page
from webhooks.remedy import Remedy


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


def test_a_delivery_without_its_mail_is_explained_too() -> None:
    with timezone.override("Europe/Paris"):
        found = lone_answer(life(State.DEAD, reason="HTTP 413"))
    assert "given up for endpoint default" in found.summary
    assert "Its mail is not in the journal any more." in words(found)
