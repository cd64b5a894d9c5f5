from __future__ import annotations

import pytest
from django.utils import timezone

from polling import settled_elsewhere
from polling.models import Mail, MailboxState, MailState
from polling.settled_elsewhere import SettledElsewhere
from tests.webhooks.examples import enqueue
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_shared_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled_elsewhere, "shared_database", lambda: True)


def relayed(identity: str, *message_ids: str) -> None:
    state = MailboxState.objects.create(name=identity, identity=identity)
    enqueue(*message_ids, at=timezone.now())
    for uid, message_id in enumerate(message_ids, 1):
        Mail.objects.create(
            mailbox=state,
            uidvalidity=1,
            uid=uid,
            state=MailState.RELAYED,
            message_id=message_id,
            seen_at=timezone.now(),
        )


def test_what_is_settled_in_mailboxes_of_ours_is_told_once() -> None:
    relayed("ours", "a", "b", "c")
    relayed("theirs", "d")
    elsewhere = SettledElsewhere()
    assert elsewhere.news(["ours"]) == set()
    Delivery.objects.filter(message_id__in=["a", "d"]).update(state=State.DELIVERED)
    Delivery.objects.filter(message_id="b").update(state=State.SENDING)
    assert elsewhere.news(["ours"]) == {"a"}
    assert elsewhere.news(["ours"]) == set()
    Delivery.objects.filter(message_id="c").update(state=State.DEAD)
    assert elsewhere.news(["ours"]) == {"c"}


def test_what_is_marked_is_no_news() -> None:
    relayed("ours", "a")
    Delivery.objects.update(state=State.DELIVERED)
    Mail.objects.update(state=MailState.SETTLED)
    assert SettledElsewhere().news(["ours"]) == set()


def test_a_database_of_our_own_has_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    relayed("ours", "a")
    Delivery.objects.update(state=State.DELIVERED)
    monkeypatch.setattr(settled_elsewhere, "shared_database", lambda: False)
    assert SettledElsewhere().news(["ours"]) == set()
