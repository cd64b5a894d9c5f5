"""Header fields: decoded, on one line, bounded; and who a mail is from."""

from __future__ import annotations

import time
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.mail import Header
from polling.parser import parse_header

EMPTY = Header(subject="", sender="", sender_email="", date="", message_id="")


def subject(value: str | bytes) -> str:
    raw = value.encode() if isinstance(value, str) else value
    return parse_header(b"Subject: " + raw + b"\r\n\r\n").subject


def sender(value: str) -> tuple[str, str]:
    header = parse_header(b"From: " + value.encode() + b"\r\n\r\n")
    return header.sender, header.sender_email


def assert_bounded(header: Header) -> None:
    for value in astuple(header):
        assert len(value) <= 1000
        assert len(value.splitlines()) <= 1
        assert "\x00" not in value
        value.encode("utf-8")
    assert len(header.sender) <= 500


def test_an_ordinary_header_is_read() -> None:
    raw = (
        b"Received: from x\r\n\tby y\r\n"
        b"FROM: =?utf-8?q?Zo=C3=A9?= <Zoe@Studio.example>\r\n"
        b"Subject: Dossier\r\n =?utf-8?b?cHLDqnQ=?=\r\n"
        b"Date: Fri, 20 Nov 2026 08:00:00 +0000\r\n"
        b"Message-ID: <1@studio.example>\r\n"
        b"In-Reply-To: <0@studio.example>\r\n\r\n"
    )
    assert parse_header(raw) == Header(
        subject="Dossier prêt",
        sender="Zoé <Zoe@Studio.example>",
        sender_email="zoe@studio.example",
        date="Fri, 20 Nov 2026 08:00:00 +0000",
        message_id="<1@studio.example>",
    )


def test_nothing_gives_empty_fields() -> None:
    assert parse_header(b"") == EMPTY
    assert parse_header(b"\r\nSubject: below the blank line is body") != EMPTY
    assert parse_header(b"X: y\r\n\r\nSubject: body") == EMPTY


def test_the_first_of_two_fields_counts() -> None:
    assert parse_header(b"Subject: one\r\nsubject: two\r\n\r\n").subject == "one"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?q?a_b=20c?=", "a b c"),
        ("=?UTF-8?Q?=C3=A9?= =?utf-8?b?w6k=?=", "éé"),
        ("=?utf-8?q?=C3?=\r\n =?utf-8?q?=A9?=", "é"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé"),
        ("a=?utf-8?q?b?=c", "abc"),
        ("=?iso-8859-1*fr?q?=E9t=E9?=", "été"),
        ("=?windows-1252?q?=80?=", "€"),
        ("=?x-klingon?q?=E9t=E9?=", "été"),
        ("=?utf-8?b?w6l0w6?=", "ét"),
        ("=?utf-8?b?w6l0w6", "ét"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?what??=", "what?"),
        ("=?utf-8?q?a=0D=0ABcc:=20b?=", "a Bcc: b"),
        ("=?utf-7?q?+2AA-?=", "?"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("a =? b", "a =? b"),
        ("été 🎉", "été 🎉"),
        ("a\u2028b\x0bc\x85d", "a b c d"),
        ("שלום", "שלום"),
    ],
)
def test_a_subject_is_decoded(written: str, read: str) -> None:
    assert subject(written) == read


def test_eight_bit_latin_1_is_read() -> None:
    assert subject(b"\xe9t\xe9") == "été"


def test_a_folded_field_is_one_line() -> None:
    assert subject("a\r\n b\n\tc") == "a b c"


@pytest.mark.parametrize(
    ("written", "shown", "email"),
    [
        ("zoe@studio.example", "zoe@studio.example", "zoe@studio.example"),
        ("<zoe@studio.example>", "zoe@studio.example", "zoe@studio.example"),
        ("Zoé <Zoe@x.example>", "Zoé <Zoe@x.example>", "zoe@x.example"),
        ('"Doe, \\"Z\\"" <z@x>', 'Doe, "Z" <z@x>', "z@x"),
        ('"=?utf-8?q?Zo=C3=A9?=" <z@x>', "Zoé <z@x>", "z@x"),
        ("z@x (Zoe (the one) D)", "Zoe the one D <z@x>", "z@x"),
        ("(a <c@d>) Zoe <z@x>", "Zoe <z@x>", "z@x"),
        ('"a@b" <z@x>', "a@b <z@x>", "z@x"),
        ('"<a@b>" <z@x>', "<a@b> <z@x>", "z@x"),
        ("=?utf-8?q?=3Ca=40b=3E?= <z@x>", "<a@b> <z@x>", "z@x"),
        ("=?utf-8?q?Zoe_=3Ca=40b=3E?=", "Zoe <a@b>", ""),
        ("Zoe <@relay,@other:z@x>", "Zoe <z@x>", "z@x"),
        ("Zoe <z@x>, Max <m@x>", "Zoe <z@x>", "z@x"),
        ("Zoe <>", "Zoe <>", ""),
        ("Zoe <z@x@y>", "Zoe <z@x@y>", ""),
        ('"Zoe <z@x>', "Zoe <z@x>", "z@x"),
        ("Zoe :( <z@x>", "Zoe :( <z@x>", "z@x"),
        ("undisclosed-recipients:;", "undisclosed-recipients:;", ""),
        ("", "", ""),
    ],
)
def test_the_sender_is_named_and_its_address_found(written: str, shown: str, email: str) -> None:
    assert sender(written) == (shown, email)


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 70_000,
        b"Subject: " + b"=?u?q?" * 160_000,
        b"Subject:" + b"\n a" * 330_000,
        b"Subject: x\n" * 90_000,
        b"From: " + b"<" * 1_000_000,
        b"From: " + b"(" * 8_000 + b")" * 8_000,
        b"From: " + b'"\\' * 500_000,
        b"From: " + b"a" * 1_000_000,
        b"\n" * 1_000_000,
    ],
    ids=lambda raw: repr(raw[:16]),
)
def test_a_hostile_header_is_bounded_in_time_and_size(raw: bytes) -> None:
    started = time.process_time()
    assert_bounded(parse_header(raw))
    assert time.process_time() - started < 2


@given(st.binary())
def test_any_bytes_are_accepted(raw: bytes) -> None:
    assert_bounded(parse_header(raw))


@given(
    st.sampled_from(["Subject", "From", "Date", "Message-ID", "In-Reply-To", "References"]),
    st.lists(
        st.sampled_from(
            [b"=?utf-8?q?", b"=?utf-7?b?", b"?=", b"=C3", b"<", b">", b"(", b")", b'"', b"@", b","]
        )
        | st.binary(max_size=4)
    ).map(b"".join),
)
def test_any_value_is_accepted(name: str, value: bytes) -> None:
    assert_bounded(parse_header(name.encode() + b": " + value))
