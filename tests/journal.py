"""A journal of any size: mails and deliveries as the relay would have left them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from polling.mail_words import words_of
from polling.models import Mail, MailboxState, MailState
from webhooks.endpoints import webhook_id
from webhooks.models import Attempt, Delivery, Outcome, SearchKey, State
from webhooks.search import keys_of

ROWS = 1000
# One of so many is dead; and one of so many waits.
DEAD_EVERY, WAITING_EVERY = 50, 97


def mailbox(name: str = "default") -> MailboxState:
    return MailboxState.objects.create(
        name=name, identity=f"{name}@mail.example:993/INBOX", uidvalidity=7, last_uid=10**7
    )


def fill(
    box: MailboxState,
    count: int,
    now: datetime,
    text: str = "Bonjour",
    first: int = 1,
    step: timedelta = timedelta(minutes=1),
) -> None:
    """So many mails, one each step until now, each with a delivery and a try."""
    numbers = iter(range(first, first + count))
    while chunk := list(islice(numbers, ROWS)):
        began = [now - (first + count - number) * step for number in chunk]
        mails = [_mail(box, *pair) for pair in zip(chunk, began, strict=True)]
        Mail.objects.bulk_create(mails)
        rows = [_delivery(mail, text) for mail in mails]
        Delivery.objects.bulk_create(rows)
        Attempt.objects.bulk_create(_attempts(rows))
        SearchKey.objects.bulk_create(key for mail in mails for key in _keys(mail))


def link(number: int) -> str:
    return f"https://www.dropbox.com/scl/fi/{number:08x}/Lot-{number}.zip?rlkey=k{number}&dl=0"


def _mail(box: MailboxState, number: int, at: datetime) -> Mail:
    subject, sender = f"Livraison été, lot {number}", f"studio{number % 40}@studio.example"
    return Mail(
        mailbox=box,
        uidvalidity=box.uidvalidity,
        uid=number,
        state=MailState.RELAYED if number % WAITING_EVERY == 0 else MailState.SETTLED,
        message_id=f"{number:040x}",
        subject=subject,
        sender_email=sender,
        words=words_of(subject, sender),
        size=4000,
        received_at=at,
        seen_at=at,
        settled_at=None if number % WAITING_EVERY == 0 else at,
    )


def _delivery(mail: Mail, text: str) -> Delivery:
    state = State.DEAD if mail.uid % DEAD_EVERY == 0 else State.DELIVERED
    if mail.uid % WAITING_EVERY == 0:
        state = State.RETRY
    name = webhook_id(mail.message_id, "default")
    url = link(mail.uid)
    body = {
        "subject": mail.subject,
        "sender_address": mail.sender_email,
        "sender_email": mail.sender_email,
        "email_content": text,
        "delivery_links": [{"provider": "dropbox", "raw_url": url, "direct_url": url}],
    }
    return Delivery(
        message_id=mail.message_id,
        source=mail.mailbox.name,
        endpoint="default",
        webhook_id=name,
        subject=mail.subject,
        sender_email=mail.sender_email,
        payload=json.dumps(body),
        state=state,
        reason="HTTP 503" if state == State.DEAD else "",
        created_at=mail.seen_at,
        due_at=mail.seen_at,
        tried_at=mail.seen_at,
        settled_at=None if state == State.RETRY else mail.seen_at,
        attempts=1,
    )


def _attempts(rows: list[Delivery]) -> Iterator[Attempt]:
    for row in rows:
        yield Attempt(
            delivery=row, number=1, token=uuid.uuid4(), started_at=row.created_at,
            ended_at=row.created_at, outcome=Outcome.DELIVERED, status=200, answer="ok",
        )  # fmt: skip


def _keys(mail: Mail) -> Iterator[SearchKey]:
    for key in keys_of(mail.subject, mail.sender_email, [link(mail.uid)]):
        yield SearchKey(message_id=mail.message_id, key=key)
