"""Answers in words, for mails and deliveries that are in no database."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from polling.models import Mail, MailboxState, MailState
from polling.why.answer import Answer, Circumstances, answer
from webhooks.life import Life, Try
from webhooks.models import Attempt, Delivery, Outcome, State
from webhooks.remedy import Remedy

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
BOX = MailboxState(pk=3, name="sales", identity="user@mail.example:993/INBOX", uidvalidity=7)


def mail(state: MailState = MailState.RELAYED, **fields: Any) -> Mail:
    values: dict[str, Any] = {
        "pk": 5, "mailbox": BOX, "uidvalidity": 7, "uid": 9, "subject": "Livraison lot 12",
        "sender_email": "studio@studio.example", "message_id": "a" * 40, "received_at": NOW,
        "seen_at": NOW, "settled_at": None,
    }  # fmt: skip
    return Mail(state=state, **{**values, **fields})


def life(
    state: State,
    standing: str = "",
    said: str = "",
    remedy: Remedy | None = None,
    **fields: Any,
) -> Life:
    ended = state in (State.DELIVERED, State.DEAD, State.CANCELLED)
    values: dict[str, Any] = {
        "pk": 8, "endpoint": "default", "webhook_id": "msg_1", "attempts": 1 if said else 0,
        "settled_at": NOW if ended else None,
    }  # fmt: skip
    row = Delivery(state=state, **{**values, **fields})
    attempt = Attempt(
        delivery=row, number=1, token=uuid.uuid4(), started_at=NOW, outcome=Outcome.FAILED,
        error=said,
    )  # fmt: skip
    tries = [Try(attempt=attempt)] if said else []
    return Life(delivery=row, state=str(state.label), standing=standing, remedy=remedy, tries=tries)


def told(mail: Mail, *lives: Life, **around: Any) -> Answer:
    with timezone.override("Europe/Paris"):
        return answer(mail, lives, Circumstances(**around))


def words(found: Answer) -> str:
    return " ".join([found.summary, *(step.text for step in found.steps)])


def addresses(found: Answer) -> list[str]:
    return [step.link.address for step in found.steps if step.link]
