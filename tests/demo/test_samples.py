from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from demo.samples import ATTACHMENT_BYTES, SAMPLES, SENDERS_OF_INTEREST, Sample

TO = "relay@demo.example"
ALL = [pytest.param(sample, id=sample.key) for sample in SAMPLES]


def parsed(sample: Sample, run: str = "run") -> EmailMessage:
    mail = message_from_bytes(sample.raw(TO, run), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def by_key(key: str) -> Sample:
    return next(sample for sample in SAMPLES if sample.key == key)


@pytest.mark.parametrize("sample", ALL)
def test_a_sample_is_a_whole_mail(sample: Sample) -> None:
    mail = parsed(sample)

    assert mail["Subject"] == sample.subject
    assert mail["From"].addresses[0].addr_spec == sample.sender.addr_spec
    assert mail["To"] == TO
    assert mail["Date"].datetime
    assert not mail.defects


@pytest.mark.parametrize("sample", ALL)
def test_lines_end_as_on_the_wire(sample: Sample) -> None:
    assert b"\n" not in sample.raw(TO, "run").replace(b"\r\n", b"")


def test_each_mail_of_each_run_has_its_own_message_id() -> None:
    ids = {parsed(sample, run)["Message-ID"] for sample in SAMPLES for run in ("one", "two")}

    assert len(ids) == 2 * len(SAMPLES)


def test_each_sample_has_its_own_subject() -> None:
    assert len({sample.subject for sample in SAMPLES}) == len(SAMPLES)


def test_the_stranger_and_the_reply_are_to_be_ignored() -> None:
    ignored = [sample for sample in SAMPLES if sample.ignored]

    assert [sample.key for sample in ignored] == ["camera", "thanks"]
    assert ignored[0].sender.addr_spec not in SENDERS_OF_INTEREST


def test_the_reply_answers_the_first_mail() -> None:
    assert parsed(by_key("thanks"))["In-Reply-To"] == parsed(SAMPLES[0])["Message-ID"]


def test_the_html_link_is_escaped_as_in_html() -> None:
    mail = parsed(by_key("final-cut"))
    html = mail.get_body(("html",))

    assert html is not None
    assert "&amp;dl=0" in html.get_content()


def test_the_attachment_is_large() -> None:
    mail = parsed(by_key("trailer"))
    (film,) = mail.iter_attachments()

    assert len(film.get_content()) == ATTACHMENT_BYTES


def test_one_text_is_in_an_old_charset() -> None:
    mail = parsed(by_key("lot-13"))

    assert mail.get_content_charset() == "iso-8859-1"
    assert "déjà" in mail.get_content()
