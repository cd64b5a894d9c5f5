"""What is handed over for relaying. Nothing here knows where a message came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place where the sender left files.

    raw_url is the link as it stood in the message; direct_url downloads without a page in
    between, None where the provider has no such address.
    """

    provider: str
    raw_url: str
    direct_url: str | None


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to relay, complete.

    id is the same whenever and wherever the same message is met again: the webhook-id of
    its deliveries is computed from it. source names who handed it in. sent is the Date field
    as the sender wrote it.
    """

    id: str
    source: str
    subject: str
    sender: str
    sender_email: str
    sent: str
    received_at: datetime
    text: str
    links: tuple[Link, ...]
