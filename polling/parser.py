"""The bytes of a mail to what is read of it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from polling.charsets import decode_text
from polling.headers import parse_header
from polling.html_text import to_text
from polling.links import extract
from polling.mail import Body, TextPart
from polling.mime import MAX_DEPTH, MAX_PARTS, walk
from polling.transfer import decode_transfer

__all__ = ["body_of_parts", "decode_transfer", "parse_body", "parse_header"]

MAX_HTML_BYTES = 1_048_576
MAX_PLAIN_BYTES = 1_048_576
DIGEST_BYTES = 65_536

logger = logging.getLogger(__name__)


def parse_body(raw: bytes) -> Body:
    """The body of a mail given as header block, blank line and body. Never raises.

    Of the header only the fields on MIME are looked at.
    """
    structure = walk(raw)
    body = body_of_parts(structure.parts, structure.attachments)
    if structure.complete:
        return body
    logger.warning(
        "Mail of %d bytes read in part: more than %d parts or %d levels",
        len(raw),
        MAX_PARTS,
        MAX_DEPTH,
    )
    return replace(body, truncated=True)


def body_of_parts(parts: Sequence[TextPart], attachments: Sequence[str] = ()) -> Body:
    """The body made of these text parts, in this order."""
    plain_parts = [part for part in parts if part.subtype.lower() == "plain"]
    html_parts = [part for part in parts if part.subtype.lower() == "html"]
    plain = _joined(plain_parts, MAX_PLAIN_BYTES)
    html = _joined(html_parts, MAX_HTML_BYTES)
    return Body(
        text=plain or to_text(html),
        links=extract(plain, html),
        attachments=tuple(attachments),
        truncated=_truncated(plain_parts, html_parts),
        digest=_digest(parts),
    )


def _joined(parts: Sequence[TextPart], limit: int) -> str:
    """The parts as text, a blank line between them, as far as the limit allows."""
    texts = []
    for part in parts:
        text = decode_text(part.content[:limit], part.charset)
        texts.append(text.replace("\r\n", "\n").replace("\r", "\n").strip())
        limit = max(0, limit - len(part.content))
    return "\n\n".join(text for text in texts if text)


def _truncated(plain_parts: Sequence[TextPart], html_parts: Sequence[TextPart]) -> bool:
    plain = sum(len(part.content) for part in plain_parts)
    html = sum(len(part.content) for part in html_parts)
    if plain <= MAX_PLAIN_BYTES and html <= MAX_HTML_BYTES:
        return False
    logger.warning(
        "Mail text cut: plain %d bytes of at most %d, HTML %d bytes of at most %d",
        plain,
        MAX_PLAIN_BYTES,
        html,
        MAX_HTML_BYTES,
    )
    return True


def _digest(parts: Sequence[TextPart]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        used = part.content[:DIGEST_BYTES]
        digest.update(f"{part.subtype.lower()}:{len(used)}\n".encode())
        digest.update(used)
    return digest.digest()
