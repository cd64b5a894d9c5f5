"""What is fetched of a mail: its header fields and size first, then its text, no attachment."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from polling.chunks import chunks
from polling.mail import Body, Overview, TextPart
from polling.parser import MAX_HTML_BYTES, body_of_parts, decode_transfer, parse_body, parse_header
from polling.session import Row, Session
from polling.structure import Section, attachments, text_sections
from polling.structures import structures
from runtime.log_context import log_context

logger = logging.getLogger(__name__)

# Fetched for every mail; Received and DKIM lines, most of a small mail's bytes, are not.
FIELDS = "FROM SUBJECT DATE MESSAGE-ID CONTENT-TYPE CONTENT-TRANSFER-ENCODING CONTENT-DISPOSITION"
HEADER = f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]<0.65536>"
OVERVIEW = ("RFC822.SIZE", "INTERNALDATE", "FLAGS", HEADER)
OVERVIEW_BYTES, OVERVIEW_MOST = 512, 66_048
# Up to here a mail is fetched whole: its structure alone would cost as much.
SMALL_BYTES = 32 * 1024
UIDS_PER_COMMAND = 100  # a longer command line is refused by some servers
BYTES_PER_COMMAND = 1024 * 1024
TEXT_SECTIONS = 100
# Quoted-printable writes three bytes for one, base64 four for three: enough for the cap on
# text to be reached after decoding in all but the first case.
SECTION_BYTES = 2 * MAX_HTML_BYTES
PROBE_BYTES = 256
WHOLE_BYTES = 1024 * 1024  # of a mail whose structure makes no sense
TEXT_BYTES = 4 * SECTION_BYTES  # of all its text parts together
ROOM = 64  # where a mail is that much larger than what came of it, something is missing
_HEADER_END = re.compile(rb"(?:^|\n)\r?\n")


def overviews(session: Session, uids: Sequence[int]) -> dict[int, Overview | None]:
    """What is known of these mails at a glance. Those that vanished are missing; None stands
    for those that the server did not show, though they are there."""
    found: dict[int, Overview | None] = {}
    for batch in chunks(uids, UIDS_PER_COMMAND):
        sizes = OVERVIEW_BYTES * len(batch), OVERVIEW_MOST * len(batch)
        rows = session.fetch(batch, OVERVIEW, *sizes)
        found.update({uid: _overview(uid, row) for uid, row in rows.items()})
    return found | _kept_back(session, [uid for uid in uids if uid not in found])


def bodies(session: Session, mails: Sequence[Overview]) -> dict[int, Body | None]:
    """The text of these mails. Missing and None mean the same as above."""
    small: list[Overview] = []
    large: list[Overview] = []
    for mail in mails:
        (small if mail.size <= SMALL_BYTES else large).append(mail)
    with log_context(mailbox=session.account.name):
        found = _small_bodies(session, small) | _large_bodies(session, large)
    return found | _kept_back(session, [mail.uid for mail in mails if mail.uid not in found])


def shows_text(session: Session, uids: Sequence[int]) -> bool:
    """Whether the server gives the beginning of the text of any of these mails."""
    if not uids:
        return False
    rows = session.fetch(uids, [f"BODY.PEEK[TEXT]<0.{PROBE_BYTES}>"], PROBE_BYTES * len(uids))
    return any(_value(row, b"BODY[TEXT]") for row in rows.values())


def _kept_back(session: Session, uids: Sequence[int]) -> dict[int, None]:
    """Those that are there although the server said nothing of them."""
    return {
        uid: None for batch in chunks(uids, UIDS_PER_COMMAND) for uid in session.existing(batch)
    }


def _overview(uid: int, row: Row) -> Overview | None:
    raw_header = _value(row, b"BODY[HEADER")
    size = row.get(b"RFC822.SIZE")
    if raw_header is None or not isinstance(size, int):
        return None
    received_at = row.get(b"INTERNALDATE")
    return Overview(
        uid=uid,
        size=size,
        received_at=received_at if isinstance(received_at, datetime) else None,
        flags=frozenset(row.get(b"FLAGS") or ()),
        header=parse_header(raw_header),
        raw_header=raw_header,
    )


def _small_bodies(session: Session, mails: Sequence[Overview]) -> dict[int, Body | None]:
    found: dict[int, Body | None] = {}
    for batch in _batches(mails):
        expected = sum(mail.size for mail in batch)
        item = f"BODY.PEEK[TEXT]<0.{2 * SMALL_BYTES}>"
        rows = session.fetch([mail.uid for mail in batch], [item], expected)
        for mail in batch:
            if row := rows.get(mail.uid):
                text = _value(row, b"BODY[TEXT]") or _text_of_the_whole(session, mail)
                found[mail.uid] = None if text is None else _small_body(mail, text)
    return found


def _small_body(mail: Overview, text: bytes) -> Body:
    with log_context(uid=mail.uid):
        return parse_body(mail.raw_header.rstrip(b"\r\n") + b"\r\n\r\n" + text)


def _text_of_the_whole(session: Session, mail: Overview) -> bytes | None:
    """A second look at a mail whose text was said to be empty: None if that is not believed."""
    item = f"BODY.PEEK[]<0.{2 * SMALL_BYTES}>"
    row = session.fetch([mail.uid], [item], mail.size).get(mail.uid, {})
    whole = _value(row, b"BODY[]")
    if not whole or mail.size - len(whole) > ROOM:
        return None
    header_end = _HEADER_END.search(whole)
    return whole[header_end.end() :] if header_end else b""


def _large_bodies(session: Session, mails: Sequence[Overview]) -> dict[int, Body | None]:
    """By structure: of a mail with 25 MB of attachments only the text is fetched."""
    shown = structures(session, [mail.uid for mail in mails], UIDS_PER_COMMAND)
    found: dict[int, Body | None] = {uid: None for uid, body in shown.items() if not body}
    found.update(
        {mail.uid: _whole_body(session, mail) for mail in mails if shown.get(mail.uid) is False}
    )
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sections = {uid: _wanted(uid, body) for uid, body in shown.items()}
    for uid in shown.keys() - found.keys():
        alike[tuple(section.number for section in sections[uid])].append(uid)
    for numbers, uids in alike.items():
        for batch in _sized(sorted(uids), sections):
            parts = _parts(session, batch, numbers, sections)
            for uid, contents in parts.items():
                with log_context(uid=uid):
                    found[uid] = _body(sections[uid], contents, shown[uid])
    return found


def _whole_body(session: Session, mail: Overview) -> Body | None:
    """The beginning of the mail as it is, read by our own parser."""
    logger.warning("Mail uid=%d has a structure that makes no sense: read as a whole", mail.uid)
    expected = min(mail.size, WHOLE_BYTES)
    rows = session.fetch([mail.uid], [f"BODY.PEEK[]<0.{WHOLE_BYTES}>"], expected)
    whole = _value(rows.get(mail.uid, {}), b"BODY[]")
    if not whole or expected - len(whole) > ROOM:
        return None
    with log_context(uid=mail.uid):
        body = parse_body(whole)
    return replace(body, truncated=body.truncated or mail.size > WHOLE_BYTES)


def _wanted(uid: int, structure: Any) -> list[Section]:
    """The text parts to be fetched."""
    found = text_sections(structure)
    wanted: list[Section] = []
    for section in found[:TEXT_SECTIONS]:
        if _size(wanted) >= TEXT_BYTES:
            break
        wanted.append(section)
    if len(wanted) < len(found):
        logger.warning("Mail uid=%d read in part: %d of %d texts", uid, len(wanted), len(found))
    return wanted


def _body(
    sections: Sequence[Section], contents: Sequence[bytes | None], structure: Any
) -> Body | None:
    parts = []
    for section, content in zip(sections, contents, strict=True):
        if not content and section.size > ROOM:
            return None
        parts.append(_text_part(section, content or b""))
    body = body_of_parts(parts, attachments(structure))
    left_out = len(sections) < len(text_sections(structure))
    cut = left_out or any(section.size > SECTION_BYTES for section in sections)
    return replace(body, truncated=body.truncated or cut)


def _parts(
    session: Session,
    uids: Sequence[int],
    numbers: Sequence[str],
    sections: Mapping[int, Sequence[Section]],
) -> dict[int, list[bytes | None]]:
    """The first bytes of these sections of each mail, transfer encoding and all."""
    if not numbers:
        return {uid: [] for uid in uids}
    items = [f"BODY.PEEK[{number}]<0.{SECTION_BYTES}>" for number in numbers]
    rows = session.fetch(uids, items, sum(_size(sections[uid]) for uid in uids))
    return {
        uid: [_value(row, f"BODY[{number}]".encode()) for number in numbers]
        for uid, row in rows.items()
    }


def _size(sections: Iterable[Section]) -> int:
    """Of what is fetched of them."""
    return sum(min(section.size, SECTION_BYTES) for section in sections)


def _text_part(section: Section, content: bytes) -> TextPart:
    return TextPart(
        subtype=section.subtype,
        charset=section.charset,
        content=decode_transfer(content, section.encoding),
    )


def _value(row: Row, prefix: bytes) -> bytes | None:
    """The bytes under the key that begins so: servers echo an item with <0> or without. None if
    there are none, or NIL: that is no empty text."""
    for key, value in row.items():
        if key.startswith(prefix) and isinstance(value, bytes):
            return value
    return None


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


def _sized(uids: Sequence[int], sections: Mapping[int, Sequence[Section]]) -> Iterator[list[int]]:
    """The same for mails whose text parts are fetched."""
    batch: list[int] = []
    total = 0
    for uid in uids:
        size = _size(sections[uid])
        if batch and (len(batch) == UIDS_PER_COMMAND or total + size > BYTES_PER_COMMAND):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch
