from __future__ import annotations

from email.headerregistry import Address

from demo.receiver import Received
from demo.samples import Sample
from demo.score import Score

SENDER = Address("", "a", "demo.example")
RELAYED = Sample(key="x", sender=SENDER, subject="Lot 12", text="")
IGNORED = Sample(key="x", sender=SENDER, subject="Re: Lot 12", text="", ignored="it is a reply")


def webhook(subject: str, links: int = 1) -> Received:
    payload = {"subject": subject, "delivery_links": [{"provider": "dropbox"}] * links}
    return Received(at=12.5, webhook_id="msg_1", signed=True, payload=payload)


def score() -> Score:
    score = Score()
    score.appended(RELAYED, 12.0)
    score.appended(IGNORED, 12.0)
    return score


def test_a_webhook_is_timed_from_its_mail() -> None:
    assert score().received(webhook("Lot 12")) == 0.5


def test_what_should_come_is_missing_until_it_comes() -> None:
    played = score()
    assert played.missing == ["Lot 12"]

    played.received(webhook("Lot 12"))

    assert played.missing == []
    assert played.faults == []
    assert played.summary == "1 of 2 mails became a webhook. Ignored, as they should be: 1."


def test_a_mail_of_somebody_else_is_not_judged() -> None:
    played = score()

    assert played.received(webhook("Something else")) is None
    assert played.faults == []


def test_a_relayed_mail_that_was_to_be_ignored_is_a_fault() -> None:
    played = score()

    played.received(webhook("Re: Lot 12"))

    assert played.faults == ["“Re: Lot 12” was relayed although it is a reply"]


def test_a_repeated_webhook_is_a_fault() -> None:
    played = score()

    played.received(webhook("Lot 12"))
    played.received(webhook("Lot 12"))

    assert played.faults == ["“Lot 12” came a second time"]


def test_a_lost_link_is_a_fault() -> None:
    played = score()

    played.received(webhook("Lot 12", links=0))

    assert played.faults == ["“Lot 12” has 0 links instead of 1"]
