"""Bodies: which parts are read and how they are decoded."""

from __future__ import annotations

import base64
import logging
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.mail import TextPart
from polling.parser import MAX_HTML_BYTES, body_of_parts, decode_transfer, parse_body
from tests.polling.nasty import GOOD, MAILS, text
from tests.polling.nasty_structures import HTML, PDF, PLAIN, attached, multipart, nested

SMASH = "https://fromsmash.com/abc"


def oracle(raw: bytes) -> list[TextPart]:
    """The text parts as the standard library finds them in a well-formed mail."""
    parts = []
    for part in message_from_bytes(raw, policy=policy.compat32).walk():
        if part.get_content_type() not in ("text/plain", "text/html"):
            continue
        if part.get_content_disposition() == "attachment":
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        charset = str(part.get_content_charset() or "")
        parts.append(TextPart(subtype=part.get_content_subtype(), charset=charset, content=content))
    return parts


def test_an_ordinary_mail_is_read() -> None:
    body = parse_body(GOOD)
    assert body.text == "Voilà : https://fromsmash.com/abc"
    assert [link.raw_url for link in body.links] == [SMASH]
    assert not body.attachments
    assert not body.truncated


def test_plain_text_is_preferred() -> None:
    assert parse_body(multipart(HTML, PLAIN)).text == "Bonjour"


def test_html_is_read_where_plain_text_is_blank() -> None:
    blank = b"Content-Type: text/plain\r\n\r\n \r\n\xa0\r\n"
    assert parse_body(multipart(blank, HTML)).text == "Bonjour"


def test_plain_parts_are_joined_by_a_blank_line() -> None:
    assert parse_body(multipart(PLAIN, PDF, PLAIN)).text == "Bonjour\n\nBonjour"


def test_links_are_taken_from_html_although_plain_text_is_shown() -> None:
    html = b"Content-Type: text/html\r\n\r\n<a href='https://fromsmash.com/abc'>x</a>\r\n"
    assert [link.raw_url for link in parse_body(multipart(PLAIN, html)).links] == [SMASH]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("declared UTF-8, is Latin-1", "été prêt"),
        ("declared ASCII, is UTF-8", "été"),
        ("one bad byte in UTF-8", "été prêt à l'été \ufffd fin"),
        ("truncated multi-byte", "ét"),
        ("unknown body charset", "été"),
        ("charset in pieces", "é"),
        ("Shift JIS", "ファイル"),
        ("GB2312 label", "文件㐀"),
        ("NULs", "ab"),
        ("byte order mark", "abc"),
        ("UTF-7 surrogate", "? abc"),
        ("hex codec", "616263"),
        ("base64 with junk", "bonjour"),
        ("base64 of bad length", "bonjou"),
        ("encoding with rubbish", "abc"),
        ("type without a slash", "abc"),
        ("no space after commas", "abc"),
        ("CR-only lines", "text\nmore"),
        ("mbox From line", "text"),
        ("preamble and epilogue", "Bonjour"),
        ("no closing boundary", "Bonjour"),
        ("boundary that never comes", "text"),
        ("boundary of dashes", "Bonjour"),
        ("boundary with spaces after", "Bonjour"),
        ("boundary with regex letters", "Bonjour"),
        ("boundary in eight bits", "Bonjour"),
        ("boundary in pieces", "text"),
        ("boundary that begins another", "Bonjour"),
        ("one boundary for two levels", "Bonjour"),
        ("inner multipart left open", "Bonjour"),
        ("part without a blank line", "Bonjour"),
        ("part that is nothing", "Bonjour"),
        ("40 levels", "Bonjour"),
        ("forwarded mail", "Bonjour"),
        ("only a forwarded mail", ""),
        ("only a picture", ""),
        ("delivery report", "Bonjour"),
        ("calendar invite", "Bonjour"),
        ("attached text", "Bonjour"),
        ("digest", ""),
    ],
)
def test_the_text_is_found(name: str, expected: str) -> None:
    assert parse_body(MAILS[name]).text == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attachment", ("plan.pdf",)),
        ("only a PDF", ("plan.pdf",)),
        ("attached text", ("a.txt",)),
        ("unnamed attachment", ("application/octet-stream",)),
        ("forwarded mail", ("message/rfc822",)),
        ("digest", ("message/rfc822",)),
        ("name in eight bits", ("été.zip",)),
        ("name in RFC 2231", ("été.zip",)),
        ("name in pieces", ("éte.zip",)),
        ("name in an encoded word", ("été.zip",)),
        ("name with a line break", ("ab.zip",)),
        ("name without a charset", ("é.zip",)),
        ("S/MIME", ("smime.p7m",)),
        ("TNEF", ("winmail.dat",)),
        ("picture in the signature", ()),
        ("delivery report", ()),
        ("calendar invite", ()),
    ],
)
def test_attachments_are_named(name: str, expected: tuple[str, ...]) -> None:
    assert parse_body(MAILS[name]).attachments == expected


def test_a_very_long_name_is_cut() -> None:
    mail = multipart(attached(b'filename="' + b"a" * 3000 + b'"'))
    assert len(parse_body(mail).attachments[0]) == 255


@pytest.mark.parametrize("mail", [nested(400), multipart(*[PLAIN] * 1000)])
def test_what_lies_beyond_the_limits_is_left_out_and_said_so(
    mail: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert parse_body(mail).truncated
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_a_long_text_is_cut_and_said_so(subtype: str, caplog: pytest.LogCaptureFixture) -> None:
    body = parse_body(text("utf-8", b"a" * (MAX_HTML_BYTES + 1), "7bit", subtype))
    assert body.truncated
    assert len(body.text) == MAX_HTML_BYTES
    assert len(caplog.records) == 1
    assert "aaa" not in caplog.text


def test_a_text_at_the_limit_is_whole() -> None:
    assert not parse_body(text("utf-8", b"a" * MAX_HTML_BYTES)).truncated


@pytest.mark.parametrize("change", [(b"Bonjour", b"Bonsoir"), (b"text/html", b"text/plain")])
def test_the_digest_changes_with_content_and_type(change: tuple[bytes, bytes]) -> None:
    mail = multipart(HTML)
    assert parse_body(mail).digest != parse_body(mail.replace(*change)).digest


def test_the_digest_is_that_of_the_content_alone() -> None:
    quoted = text("utf-8", b"a=C3=A9", "quoted-printable")
    assert parse_body(quoted).digest == parse_body(text("latin-1", b"a\xc3\xa9")).digest


def test_the_digest_of_a_fetched_prefix_is_that_of_the_whole() -> None:
    whole = TextPart(subtype="plain", charset="", content=b"a" * 200_000)
    prefix = TextPart(subtype="plain", charset="", content=b"a" * 70_000)
    assert body_of_parts([whole]).digest == body_of_parts([prefix]).digest


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", "x-unknown", ""])
@given(content=st.binary(max_size=300))
def test_any_transfer_encoding_is_undone(encoding: str, content: bytes) -> None:
    decode_transfer(content, encoding)


@given(content=st.binary(max_size=300), kept=st.integers(0, 300))
def test_truncated_base64_is_decoded_to_the_beginning(content: bytes, kept: int) -> None:
    encoded = base64.encodebytes(content)[:kept]
    decoded = decode_transfer(encoded, " BASE64 ")
    assert content.startswith(decoded)
    assert len(decoded) >= len(encoded) // 2 - 3


@given(
    plain=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    html=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
    charset=st.sampled_from(["utf-8", "iso-8859-15", "utf-16"]),
    named=st.booleans(),
)
def test_parts_fetched_apart_give_the_same_body(
    plain: str, html: str, encoding: str, charset: str, named: bool
) -> None:
    if charset == "utf-16" and encoding == "8bit":
        encoding = "base64"
    mail = EmailMessage(policy=policy.SMTP)
    content = f"{plain} {SMASH}".encode(charset, "replace")
    mail.set_content(content, "text", "plain", cte=encoding, params={"charset": charset})
    content = f"<p>{html}</p>".encode(charset, "replace")
    mail.add_alternative(content, "text", "html", cte=encoding, params={"charset": charset})
    if named:
        mail.add_attachment(b"x", "application", "zip", filename="été.zip")
    raw = mail.as_bytes()
    assert parse_body(raw) == body_of_parts(oracle(raw), ["été.zip"] if named else [])
