"""What is fetched of a mail: its header fields and size first, then its text, no attachment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from polling.mail import Body, Overview, TextPart
from polling.parser import MAX_HTML_BYTES, body_of_parts, decode_transfer, parse_body, parse_header
from polling.session import Row, Session
from polling.structure import Section, attachments, text_sections

# Fetched for every mail; Received and DKIM lines, most of a small mail's bytes, are not.
FIELDS = "FROM SUBJECT DATE MESSAGE-ID CONTENT-TYPE CONTENT-TRANSFER-ENCODING CONTENT-DISPOSITION"
HEADER = f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]<0.65536>"
OVERVIEW = ("RFC822.SIZE", "INTERNALDATE", "FLAGS", HEADER)
OVERVIEW_BYTES = 2048
# Up to here a mail is fetched whole: its structure alone would cost as much.
SMALL_BYTES = 32 * 1024
STRUCTURE_BYTES = 4096
# A longer command line is refused by some servers.
UIDS_PER_COMMAND = 100
BYTES_PER_COMMAND = 1024 * 1024
TEXT_SECTIONS = 20
# Quoted-printable writes three bytes for one, base64 four for three: enough for the cap on
# text to be reached after decoding in all but the first case.
SECTION_BYTES = 2 * MAX_HTML_BYTES


def overviews(session: Session, uids: Sequence[int]) -> dict[int, Overview]:
    """What is known of these mails at a glance. Those that vanished are missing."""
    found = {}
    for batch in _chunks(uids):
        rows = session.fetch(batch, OVERVIEW, OVERVIEW_BYTES * len(batch))
        found.update({uid: _overview(uid, row) for uid, row in rows.items()})
    return found


def bodies(session: Session, mails: Iterable[Overview]) -> dict[int, Body]:
    """The text of these mails. Those that vanished are missing."""
    small: list[Overview] = []
    large: list[Overview] = []
    for mail in mails:
        (small if mail.size <= SMALL_BYTES else large).append(mail)
    return _small_bodies(session, small) | _large_bodies(session, large)


def _overview(uid: int, row: Row) -> Overview:
    raw_header = _value(row, b"BODY[HEADER")
    received_at = row.get(b"INTERNALDATE")
    return Overview(
        uid=uid,
        size=int(row.get(b"RFC822.SIZE") or 0),
        received_at=received_at if isinstance(received_at, datetime) else None,
        flags=frozenset(row.get(b"FLAGS") or ()),
        header=parse_header(raw_header),
        raw_header=raw_header,
    )


def _small_bodies(session: Session, mails: Sequence[Overview]) -> dict[int, Body]:
    found = {}
    for batch in _batches(mails):
        expected = sum(mail.size for mail in batch)
        item = f"BODY.PEEK[TEXT]<0.{2 * SMALL_BYTES}>"
        rows = session.fetch([mail.uid for mail in batch], [item], expected)
        for mail in batch:
            if row := rows.get(mail.uid):
                text = _value(row, b"BODY[TEXT]")
                found[mail.uid] = parse_body(mail.raw_header.rstrip(b"\r\n") + b"\r\n\r\n" + text)
    return found


def _large_bodies(session: Session, mails: Sequence[Overview]) -> dict[int, Body]:
    """By structure: of a mail with 25 MB of attachments only the text is fetched."""
    structures: dict[int, Any] = {}
    for batch in _chunks([mail.uid for mail in mails]):
        rows = session.fetch(batch, ["BODYSTRUCTURE"], STRUCTURE_BYTES * len(batch))
        structures.update({uid: row.get(b"BODYSTRUCTURE") for uid, row in rows.items()})
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sections = {uid: text_sections(body)[:TEXT_SECTIONS] for uid, body in structures.items()}
    for uid, wanted in sections.items():
        alike[tuple(section.number for section in wanted)].append(uid)
    found = {}
    for numbers, uids in alike.items():
        for batch in _sized(uids, sections):
            parts = _parts(session, batch, numbers)
            for uid, contents in parts.items():
                found[uid] = _body(sections[uid], contents, structures[uid])
    return found


def _body(sections: Sequence[Section], contents: Sequence[bytes], structure: Any) -> Body:
    parts = [_text_part(*pair) for pair in zip(sections, contents, strict=True)]
    body = body_of_parts(parts, attachments(structure))
    cut = any(section.size > SECTION_BYTES for section in sections)
    return replace(body, truncated=body.truncated or cut)


def _parts(session: Session, uids: Sequence[int], numbers: Sequence[str]) -> dict[int, list[bytes]]:
    """The first bytes of these sections of each mail, transfer encoding and all."""
    if not numbers:
        return {uid: [] for uid in uids}
    items = [f"BODY.PEEK[{number}]<0.{SECTION_BYTES}>" for number in numbers]
    rows = session.fetch(uids, items, SECTION_BYTES * len(uids))
    return {
        uid: [_value(row, f"BODY[{number}]".encode()) for number in numbers]
        for uid, row in rows.items()
    }


def _text_part(section: Section, content: bytes) -> TextPart:
    return TextPart(
        subtype=section.subtype,
        charset=section.charset,
        content=decode_transfer(content, section.encoding),
    )


def _value(row: Row, prefix: bytes) -> bytes:
    """The bytes under the key that begins so: servers echo an item with <0> or without."""
    for key, value in row.items():
        if key.startswith(prefix) and isinstance(value, bytes):
            return value
    return b""


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), UIDS_PER_COMMAND):
        yield uids[start : start + UIDS_PER_COMMAND]


def _batches(mails: Sequence[Overview]) -> Iterator[list[Overview]]:
    """Mails to be fetched by one command, so that its answer stays small enough to hold."""
    batch: list[Overview] = []
    total = 0
    for mail in mails:
        if batch and (len(batch) == UIDS_PER_COMMAND or total + mail.size > BYTES_PER_COMMAND):
            yield batch
            batch, total = [], 0
        batch.append(mail)
        total += mail.size
    if batch:
        yield batch


def _sized(uids: Sequence[int], sections: dict[int, list[Section]]) -> Iterator[list[int]]:
    """The same for mails whose text parts are fetched."""
    batch: list[int] = []
    total = 0
    for uid in uids:
        size = sum(min(section.size, SECTION_BYTES) for section in sections[uid])
        if batch and (len(batch) == UIDS_PER_COMMAND or total + size > BYTES_PER_COMMAND):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch
