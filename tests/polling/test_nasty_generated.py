"""Whatever the tree of parts: it is read, and the same whichever way it is fetched."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from imapclient.response_parser import parse_fetch_response

from polling.mail import TextPart
from polling.parser import body_of_parts, decode_transfer, parse_body, parse_header
from polling.structure import attachments, is_sound, text_sections
from tests.polling.nasty_strategies import FIELDS, STRUCTURES, TREES, broken_trees
from tests.polling.storable import assert_storable
from tests.servers.imap_mails import ScriptedMail


@given(broken_trees())
def test_no_broken_tree_breaks_it(raw: bytes) -> None:
    parse_header(raw)
    assert_storable(parse_body(raw))


@given(FIELDS)
def test_no_header_fields_break_it(fields: bytes) -> None:
    found = parse_header(fields + b"\r\n")
    for value in (found.subject, found.sender, found.sender_email, found.date, found.message_id):
        value.encode("utf-8")
        assert not {"\x00", "\r", "\n"} & set(value)


@given(STRUCTURES)
def test_no_structure_of_a_server_breaks_it(structure: Any) -> None:
    is_sound(structure)
    for section in text_sections(structure):
        assert all(part.isdigit() for part in section.number.split("."))
    for name in attachments(structure):
        name.encode("utf-8")


@given(TREES)
def test_a_mail_is_the_same_read_whole_or_by_its_structure(raw: bytes) -> None:
    whole = parse_body(raw)
    by_parts = _by_structure(ScriptedMail(1, raw))
    assert (by_parts.text, by_parts.links) == (whole.text, whole.links)
    assert by_parts.digest == whole.digest
    assert by_parts.attachments == whole.attachments


def _by_structure(mail: ScriptedMail) -> Any:
    answer = b"1 (" + mail.fetch("BODYSTRUCTURE") + b")"
    structure = parse_fetch_response([answer])[1][b"BODYSTRUCTURE"]
    parts = [
        TextPart(
            subtype=section.subtype,
            charset=section.charset,
            content=decode_transfer(mail.section(section.number), section.encoding),
        )
        for section in text_sections(structure)
    ]
    return body_of_parts(parts, attachments(structure))
