"""A header block to the fields that decide anything."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from polling.charsets import decode_text
from polling.mail import Header

MAX_HEADER_BYTES = 262_144
MAX_FIELD_BYTES = 16_384
MAX_SUBJECT = 1000
MAX_SENDER = 500
MAX_OTHER = 1000

_FIELD = re.compile(
    rb"^(subject|from|date|message-id)[ \t]*:"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_ENCODED_WORD = re.compile(
    r"=\?([^?\s]{1,60})\?([bq])\?(.{0,2000}?)(?:\?=|\Z)", re.IGNORECASE | re.ASCII
)
# What str.splitlines() takes for a line end is among these.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_ID = re.compile(r"<[^<>\s]+>")
_FROM_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\\.|[()]|[^"<>()\\]+|.')
_ADDRESS = re.compile(
    r'[^\s\x00-\x1f\x7f-\x9f,;:<>()"@]{1,200}@[^\s\x00-\x1f\x7f-\x9f,;:<>()"@]{1,253}'
)
_BETWEEN_ADDRESSES = re.compile(r'[\s,;:<>()"]+')


def parse_header(raw: bytes) -> Header:
    """The fields of a header block, or of what there is of one. Never raises."""
    fields = _fields(raw[:MAX_HEADER_BYTES])
    sender, sender_email = _sender(fields.get("from", b""))
    return Header(
        subject=decode_field(fields.get("subject", b""), MAX_SUBJECT),
        sender=sender,
        sender_email=sender_email,
        date=decode_field(fields.get("date", b""), MAX_OTHER),
        message_id=_message_id(fields.get("message-id", b"")),
    )


def decode_field(value: bytes, limit: int) -> str:
    """One field on one line: unfolded, encoded words decoded, no control characters."""
    return _one_line(_decode_words(_unfold(value)), limit)


def _fields(raw: bytes) -> dict[str, bytes]:
    raw = raw.lstrip(b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    end = _BLANK_LINE.search(raw)
    fields: dict[str, bytes] = {}
    for match in _FIELD.finditer(raw, 0, end.start() if end else len(raw)):
        fields.setdefault(match[1].decode("ascii").lower(), match[2])
    return fields


def _unfold(value: bytes) -> str:
    value = value[:MAX_FIELD_BYTES].replace(b"\r\n", b"").replace(b"\n", b"")
    return decode_text(value, "").strip()


def _one_line(text: str, limit: int) -> str:
    return _CONTROL.sub(" ", text)[:limit].strip()


def _message_id(value: bytes) -> str:
    """The id in angle brackets, or the text that stands there instead."""
    text = decode_field(value, MAX_FIELD_BYTES)
    found = _ID.search(text)
    return (found[0] if found else text)[:MAX_OTHER]


def _decode_words(text: str) -> str:
    """RFC 2047. Neighbours in one charset are joined first: many a sender splits a character."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for match in _ENCODED_WORD.finditer(text):
        gap = text[end : match.start()]
        name = match[1].partition("*")[0].lower()
        if gap.strip() or name != charset or end == 0:
            out.append(decode_text(pending, charset))
            out.append("" if end and not gap.strip() else gap)
            pending, charset = b"", name
        pending += _word_bytes(match[2], match[3])
        end = match.end()
    out.append(decode_text(pending, charset))
    out.append(text[end:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(content, header=True)
    content = _NOT_BASE64.sub(b"", content)
    if len(content) % 4 == 1:
        content = content[:-1]
    return binascii.a2b_base64(content + b"=" * (-len(content) % 4))


def _sender(value: bytes) -> tuple[str, str]:
    """The first mailbox of a From field, readable, and its bare address.

    The address is taken before encoded words are decoded, so that a name cannot pose as one.
    """
    text = _unfold(value)
    name, comment, address = _mailbox(text)
    shown = decode_field((name or comment).encode(), MAX_SENDER)
    if not address:
        return decode_field(value, MAX_SENDER), ""
    bare = address.lower()[:MAX_SENDER]
    if not shown:
        return address, bare
    return f"{shown[: MAX_SENDER - len(address) - 3]} <{address}>", bare


def _mailbox(text: str) -> tuple[str, str, str]:
    """Name, comment and address as written; the address is empty if there is none."""
    name: list[str] = []
    comment: list[str] = []
    plain: list[str] = []
    for depth, piece in _from_pieces(text):
        if depth:
            comment.append(piece)
        elif piece[0] == "<" and (found := _address_in(piece)):
            return _spaced(name), _spaced(comment), found
        elif piece[0] == '"':
            name.append(re.sub(r"\\(.)", r"\1", piece[1:-1]))
        else:
            name.append(piece)
            plain.append(piece)
    words = _BETWEEN_ADDRESSES.split("".join(plain))
    bare = next((word for word in words if _ADDRESS.fullmatch(word)), "")
    return "", _spaced(comment), bare


def _from_pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pairs of comment depth and piece, the parentheses of comments left out.

    Where they do not pair up, nothing is a comment.
    """
    paired = text.count("(") == text.count(")")
    depth = 0
    for match in _FROM_PIECE.finditer(text):
        piece = match[0]
        if paired and piece == "(":
            depth += 1
        elif paired and piece == ")":
            depth = max(0, depth - 1)
        else:
            yield depth, piece


def _address_in(piece: str) -> str:
    """The address in angle brackets, without the route that RFC 822 allowed before it."""
    address = piece[1:-1].strip().rpartition(":")[2]
    found = _ADDRESS.fullmatch(address)
    return found[0] if found else ""


def _spaced(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())
