"""Whatever state a delivery is in, and whatever else its row says, its pages can be read."""

from __future__ import annotations

import uuid
from datetime import datetime
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone

from polling.models import Mail, MailboxState, MailState
from tests import journal
from tests.page_text import texts
from webhooks import outbox
from webhooks.models import Attempt, Delivery, Outcome, State

pytestmark = pytest.mark.django_db
SETTLED, OPEN = timezone.now(), None
SENTENCES = {
    State.QUEUED: "It has not left for endpoint default yet:",
    State.SENDING: "It has not left for endpoint default yet: it is being sent.",
    State.RETRY: "It has not left for endpoint default yet:",
    State.DELIVERED: "Endpoint default accepted it on",
    State.DEAD: "It was given up for endpoint default on",
    State.CANCELLED: "It was cancelled for endpoint default:",
}


@pytest.fixture
def box() -> MailboxState:
    return journal.mailbox()


def delivery(state: State, settled_at: datetime | None, tries: int) -> Delivery:
    now = timezone.now()
    row = Delivery.objects.create(
        message_id="a" * 40, source="default", endpoint="default", state=state, subject="Lot 12",
        webhook_id="msg_1", payload="{}", created_at=now, due_at=now, settled_at=settled_at,
        attempts=tries,
    )  # fmt: skip
    for number in range(1, tries + 1):
        Attempt.objects.create(
            delivery=row, number=number, token=uuid.uuid4(), started_at=now, outcome=Outcome.UNKNOWN
        )
    return row


@pytest.mark.parametrize("mail_state", [MailState.RELAYED, MailState.SETTLED])
@pytest.mark.parametrize(
    ("state", "settled_at", "tries"), [*product(State, (SETTLED, OPEN), (0, 1))]
)
def test_each_page_has_a_sentence(
    browser: Client,
    box: MailboxState,
    state: State,
    settled_at: datetime | None,
    tries: int,
    mail_state: MailState,
) -> None:
    row = delivery(state, settled_at, tries)
    mail = Mail.objects.create(
        mailbox=box, uidvalidity=7, uid=7, state=mail_state, message_id="a" * 40, subject="Lot 12",
        seen_at=timezone.now(),
    )  # fmt: skip
    for page in (
        f"/admin/polling/mail/{mail.pk}/change/",
        f"/admin/webhooks/delivery/{row.pk}/change/",
        "/admin/polling/mail/why/?q=lot",
    ):
        answer = browser.get(page)
        assert answer.status_code == 200
        said = " ".join(texts(answer.content.decode()))
        sentence = f"To default: {state.label}" if "/delivery/" in page else SENTENCES[state]
        assert sentence in said, page
    for page in ("/admin/polling/mail/", "/admin/webhooks/delivery/"):
        assert browser.get(page).status_code == 200


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRY, State.SENDING])
def test_what_waits_with_the_time_of_an_end_is_sent_all_the_same(state: State) -> None:
    row = delivery(state, SETTLED, 0)
    assert len(outbox.sweep(timezone.now())) == 1
    row.refresh_from_db()
    assert row.settled_at is None
    assert outbox.sweep(timezone.now()) == []
