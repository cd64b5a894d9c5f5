"""Mails for tests, complete and short."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

from polling.mail import Body, Header, Overview
from webhooks.messages import Link

SENDER = "livraison@studio.example"
LINK = "https://www.dropbox.com/scl/fo/abc/def?rlkey=k&dl=0"
ARRIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def mail(
    subject: str = "Lot 12",
    *,
    sender: str = SENDER,
    text: str = f"Voici les fichiers : {LINK}\n",
    attachment: bytes | None = None,
    message_id: str | None = None,
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Service livraison <{sender}>"
    message["To"] = "user@relay.example"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 09:00:00 +0000"
    message["Message-ID"] = message_id or f"<{abs(hash((subject, sender, text)))}@studio.example>"
    message.set_content(text)
    if attachment is not None:
        message.add_attachment(
            attachment, maintype="application", subtype="zip", filename="livraison.zip"
        )
    return message


def header(
    subject: str = "Lot 12",
    *,
    sender_email: str = SENDER,
    date: str = "Fri, 20 Nov 2026 09:00:00 +0000",
    message_id: str = "<1@studio.example>",
) -> Header:
    return Header(
        subject=subject,
        sender=f"Service livraison <{sender_email}>",
        sender_email=sender_email,
        date=date,
        message_id=message_id,
    )


def overview(
    fields: Header | None = None, *, size: int = 1000, received_at: datetime | None = ARRIVED
) -> Overview:
    return Overview(
        uid=1,
        size=size,
        received_at=received_at,
        flags=frozenset(),
        header=fields or header(),
        raw_header=b"",
    )


def body(
    text: str = "Bonjour",
    *,
    links: tuple[Link, ...] = (Link(provider="dropbox", raw_url=LINK, direct_url=None),),
    attachments: tuple[str, ...] = (),
    digest: bytes = b"digest",
) -> Body:
    return Body(text=text, links=links, attachments=attachments, truncated=False, digest=digest)
