"""Fills the journal of the web process beside it: some mails, one of them with a dead delivery."""

from __future__ import annotations

import uuid
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from polling.models import Mail, MailState  # noqa: E402
from polling.selection import Reason  # noqa: E402
from tests import journal  # noqa: E402
from tests.rows import one_of_each  # noqa: E402
from webhooks.models import Attempt, Delivery, Outcome, State  # noqa: E402


def seed() -> None:
    now, box = timezone.now(), journal.mailbox()
    journal.fill(box, 12, now - timedelta(hours=1), first=90)
    box.searched_at = now
    box.save()
    Mail.objects.create(
        mailbox=box, uidvalidity=7, uid=200, state=MailState.IGNORED, reason=Reason.SENDER,
        subject="Promotions de la semaine", sender_email="shop@shop.example", seen_at=now,
        received_at=now,
    )  # fmt: skip
    Mail.objects.create(
        mailbox=box, uidvalidity=7, uid=201, state=MailState.QUARANTINED, tries=3, seen_at=now,
        fault="IMAP FETCH failed: the server does not show this mail",
    )  # fmt: skip
    dead = Delivery.objects.get(message_id=f"{100:040x}")
    dead.state, dead.attempts = State.DEAD, 4
    dead.reason = "given up after the last retry: HTTP 503"
    dead.save()
    for number in range(2, 5):
        began = now - timedelta(minutes=50 - 10 * number)
        Attempt.objects.create(
            delivery=dead, number=number, token=uuid.uuid4(), started_at=began,
            ended_at=began + timedelta(seconds=1.42), outcome=Outcome.FAILED, status=503,
            error="HTTP 503", answer='{"error": "scenario is not active"}',
        )  # fmt: skip
    one_of_each(now)


seed()
