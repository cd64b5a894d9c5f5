from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from polling.structure import attachments, text_sections

PLAIN = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"quoted-printable", 120, 4)
HTML = (b"TEXT", b"HTML", (b"CHARSET", b"iso-8859-1"), None, None, b"BASE64", 300, 8, None, None)
ZIP = (
    b"application", b"zip", (b"name", b"a.zip"), None, None, b"base64", 4_000_000, None,
    (b"attachment", (b"filename", b"livraison.zip")), None,
)  # fmt: skip
NOTE = (
    b"text", b"plain", None, None, None, b"7bit", 10, 1, None,
    (b"attachment", (b"filename", b"note.txt")),
)  # fmt: skip


def test_a_mail_of_one_part_has_section_1() -> None:
    (section,) = text_sections(PLAIN)
    assert (section.number, section.charset, section.encoding, section.size) == (
        "1",
        "utf-8",
        "quoted-printable",
        120,
    )


def test_parts_of_parts_are_numbered_by_their_path() -> None:
    nested = ([([PLAIN, HTML], b"alternative"), ZIP], b"mixed")
    assert [section.number for section in text_sections(nested)] == ["1.1", "1.2"]


def test_names_and_types_are_read_whatever_their_case() -> None:
    (section,) = text_sections(HTML)
    assert (section.subtype, section.charset, section.encoding) == ("html", "iso-8859-1", "base64")


def test_a_text_that_is_attached_is_an_attachment() -> None:
    assert text_sections(([PLAIN, NOTE], b"mixed"))[-1].number == "1"
    assert attachments(([PLAIN, NOTE], b"mixed")) == ("note.txt",)


def test_attachments_are_named_by_file_name_name_or_type() -> None:
    nameless = (b"image", b"png", None, None, None, b"base64", 10)
    assert attachments(([PLAIN, ZIP, nameless], b"mixed")) == ("livraison.zip", "image/png")


def test_an_endless_nesting_is_left_at_some_depth() -> None:
    structure: Any = PLAIN
    for _ in range(3000):
        structure = ([structure], b"mixed")
    assert text_sections(structure) == []


atoms = st.none() | st.binary(max_size=8) | st.integers()
shapes = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=9) | st.lists(inner, max_size=9).map(tuple)
)


@given(shapes)
def test_no_shape_is_too_odd(shape: Any) -> None:
    text_sections(shape)
    attachments(shape)
