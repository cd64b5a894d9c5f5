"""The shapes a mail takes on its way from the folder to the relay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webhooks.messages import Link


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header fields that decide anything. All decoded, unfolded and bounded."""

    subject: str
    sender: str
    sender_email: str
    date: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """One text/plain or text/html part, its transfer encoding undone, its charset not yet."""

    subtype: str
    charset: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Body:
    """The readable content of a mail.

    text is what a person reads: the plain part, else the HTML part as text. digest is a
    function of the text parts' bytes alone, whichever way they were fetched.
    """

    text: str
    links: tuple[Link, ...]
    attachments: tuple[str, ...]
    truncated: bool
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What is known of a mail before its body is fetched. size is in octets (RFC 9051, 7.5.2)."""

    uid: int
    size: int
    received_at: datetime | None
    flags: frozenset[bytes]
    header: Header
    raw_header: bytes
