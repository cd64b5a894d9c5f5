"""Mails and deliveries as rows, and what their pages say."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from polling.mail_words import words_of
from polling.models import Mail, MailboxState, MailState
from tests import journal
from tests.page_text import texts
from webhooks.models import Attempt, Delivery, State

LIST = "/admin/polling/mail/"
DELIVERIES = "/admin/webhooks/delivery/"
URL = "https://a.example/x"


def mail(state: MailState = MailState.RELAYED, **fields: Any) -> Mail:
    mailbox = MailboxState.objects.first() or box()
    values: dict[str, Any] = {
        "uid": 7,
        "subject": "Lot 12",
        "message_id": "a" * 40,
        "seen_at": timezone.now(),
    }
    values |= fields
    values["words"] = words_of(values["subject"], values.get("sender_email", ""))
    return Mail.objects.create(mailbox=mailbox, uidvalidity=7, state=state, **values)


def delivery(state: State = State.DELIVERED, endpoint: str = "default", **fields: Any) -> Delivery:
    now = timezone.now()
    ended = state in (State.DELIVERED, State.DEAD, State.CANCELLED)
    values: dict[str, Any] = {"settled_at": now if ended else None, "due_at": now}
    return Delivery.objects.create(
        message_id="a" * 40, source="default", endpoint=endpoint, state=state, subject="Lot 12",
        webhook_id=f"msg_{endpoint}", payload='{"subject": "Lot 12"}', created_at=now,
        **{**values, **fields},
    )  # fmt: skip


def tried(row: Delivery, number: int, **fields: Any) -> None:
    began = timezone.now() - timedelta(minutes=number)
    Attempt.objects.create(
        delivery=row, number=number, token=uuid.uuid4(), started_at=began,
        ended_at=began + timedelta(seconds=1.25), **fields,
    )  # fmt: skip
    Delivery.objects.filter(pk=row.pk).update(attempts=number)


def says(browser: Client, address: str) -> str:
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200
    return " ".join(texts(answer.content.decode()))


def page(row: Mail) -> str:
    return f"{LIST}{row.pk}/change/"


def queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def box() -> MailboxState:
    return journal.mailbox()
