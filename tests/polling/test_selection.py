from __future__ import annotations

import pytest

from configstore.documents import PollingConfig, ProcessingPrefs
from polling.selection import Reason, screen, select, subject_group
from tests.polling.examples import SENDER, body, header, overview

ANY = PollingConfig()
PLAIN = ProcessingPrefs()
LIST = PollingConfig(sender_of_interest_for_polling=(SENDER, "@agence.example"))


def test_an_empty_list_takes_every_sender() -> None:
    assert screen(overview(header(sender_email="anybody@else.example")), ANY, PLAIN) is None


@pytest.mark.parametrize("address", [SENDER, "paul@agence.example"])
def test_senders_on_the_list_are_taken_by_address_or_domain(address: str) -> None:
    assert screen(overview(header(sender_email=address)), LIST, PLAIN) is None


@pytest.mark.parametrize(
    "address", ["", "news@shop.example", "x" + SENDER, SENDER + ".evil", "a@sub.agence.example"]
)
def test_other_senders_are_ignored(address: str) -> None:
    assert screen(overview(header(sender_email=address)), LIST, PLAIN) is Reason.SENDER


@pytest.mark.parametrize(
    "subject", ["Re: Lot 12", "RE : Lot", "Fwd: x", "FW:x", "Tr : x", " re[2]: x", "AW: x"]
)
def test_replies_and_forwards_are_ignored(subject: str) -> None:
    assert screen(overview(header(subject)), ANY, PLAIN) is Reason.REPLY


@pytest.mark.parametrize("subject", ["Reçu : Lot 12", "Retouche: x", "Frais: x", "Lot re: 12", ""])
def test_words_that_only_begin_alike_are_no_replies(subject: str) -> None:
    assert screen(overview(header(subject)), ANY, PLAIN) is None


def test_a_mail_over_the_size_limit_is_ignored() -> None:
    prefs = ProcessingPrefs(max_email_size_mb=5)
    assert screen(overview(size=5_000_001), ANY, prefs) is Reason.SIZE
    assert screen(overview(size=5_000_000), ANY, prefs) is None


def test_an_excluded_word_counts_in_subject_and_text_whatever_its_case() -> None:
    prefs = ProcessingPrefs(exclude_keywords=("Facture",))
    assert select(header("FACTURE 12"), body(), ANY, prefs, ()) is Reason.KEYWORD
    assert select(header(), body("votre facture"), ANY, prefs, ()) is Reason.KEYWORD
    assert select(header(), body("autre chose"), ANY, prefs, ()) is None


def test_an_attachment_may_be_required() -> None:
    prefs = ProcessingPrefs(require_attachments=True)
    assert select(header(), body(), ANY, prefs, ()) is Reason.NO_ATTACHMENT
    assert select(header(), body(attachments=("a.zip",)), ANY, prefs, ()) is None


def test_a_link_is_required_unless_it_is_not() -> None:
    without = body(links=())
    assert select(header(), without, ANY, PLAIN, ()) is Reason.NO_LINK
    assert select(header(), without, ANY, ProcessingPrefs(relay_without_links=True), ()) is None


def test_the_second_mail_of_a_subject_group_is_ignored_when_that_is_asked_for() -> None:
    config = PollingConfig(enable_subject_group_dedup=True)
    assert select(header("Lot 12"), body(), config, PLAIN, {"lot 12"}) is Reason.SUBJECT_GROUP
    assert select(header("Lot 13"), body(), config, PLAIN, {"lot 12"}) is None
    assert select(header("Lot 12"), body(), ANY, PLAIN, {"lot 12"}) is None


@pytest.mark.parametrize(
    "subject",
    ["Média Solution - Lot 42", "Re: TR: lot  42 (suite)", "LOT 042", "livraison du lot\t42."],
)
def test_a_lot_names_its_group(subject: str) -> None:
    assert subject_group(subject) == "lot 42"


def test_prefixes_case_accents_and_spaces_make_no_other_group() -> None:
    assert subject_group("Re: Fwd:  Été   à PARIS ") == subject_group("ete a paris")


def test_lots_without_number_or_inside_words_name_none() -> None:
    assert subject_group("Pilot 42") == "pilot 42"
    assert subject_group("lot douze") == "lot douze"


def test_the_group_of_a_long_subject_fits_into_an_index() -> None:
    subject = "".join(chr(0x1F300 + number) for number in range(1000))
    assert len(subject_group(subject).encode()) <= 1000
    assert subject_group(subject) == subject_group(f"RE: {subject} and more")
