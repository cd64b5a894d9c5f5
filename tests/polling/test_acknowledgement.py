"""The marks on what is settled, however much waits."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from polling import acknowledgement, others
from polling.chunks import pages
from polling.custody import SEEN, SETTLED
from polling.models import Mail, MailState
from tests.polling.working import mailbox, make_work, read, states
from webhooks import journal
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


def settle(*subjects: str) -> None:
    Delivery.objects.filter(subject__in=subjects).update(
        state=State.DELIVERED, settled_at=timezone.now()
    )


def test_the_sweep_finds_what_is_settled_among_all_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledgement, "ROWS_PER_QUERY", 2)
    session, work = mailbox(9), make_work()
    read(work, session)
    settle(*(f"mail {number}" for number in (2, 3, 5, 9)))
    work.acknowledge(session, everything=True)
    settled = [uid for uid, state in states().items() if state == MailState.SETTLED]
    assert settled == [2, 3, 5, 9]
    assert all((SETTLED in item.flags) is (uid in settled) for uid, item in session.mails.items())


def test_a_sweep_of_what_waits_costs_one_query_of_no_rows() -> None:
    session, work = mailbox(9), make_work()
    read(work, session)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        work.acknowledge(session, everything=True)
    assert len(queries) == 1


def test_what_is_announced_is_looked_for_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledgement, "ROWS_PER_QUERY", 2)
    session, work = mailbox(5), make_work()
    read(work, session)
    work.acknowledge(session, everything=True)
    settle(*(f"mail {number}" for number in range(1, 6)))
    work.settled(set(Mail.objects.values_list("message_id", flat=True)))
    work.acknowledge(session)
    assert set(states().values()) == {MailState.SETTLED}


def test_a_mail_with_a_delivery_that_is_open_is_not_settled() -> None:
    session, work = mailbox(1), make_work()
    read(work, session)
    settle("mail 1")
    first = Delivery.objects.get()
    Delivery.objects.create(
        message_id=first.message_id, source="default", endpoint="other", webhook_id="other",
        payload="{}", created_at=timezone.now(), due_at=timezone.now(),
    )  # fmt: skip
    work.acknowledge(session, everything=True)
    assert states() == {1: MailState.RELAYED}


def test_what_others_settled_is_looked_for_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "ROWS_PER_QUERY", 2)
    session, work = mailbox(5), make_work()
    read(work, session)
    for uid in (1, 4, 5):
        session.mails[uid].flags |= {SETTLED, SEEN}
    work.withdraw_what_others_settled(session)
    assert journal.open_count("default") == 2
    assert sorted(uid for uid, state in states().items() if state == MailState.SETTLED) == [1, 4, 5]


def test_pages_come_in_order_and_whole_though_rows_change_meanwhile() -> None:
    read(make_work(), mailbox(7))
    found = []
    for page in pages(Mail.objects.filter(state=MailState.RELAYED), 3, "uid"):
        found += [uid for (uid,) in page]
        Mail.objects.filter(uid__in=found).update(state=MailState.SETTLED)
    assert found == [1, 2, 3, 4, 5, 6, 7]


def test_the_database_takes_the_indexes_of_what_is_open() -> None:
    """Also SQLite, which takes no index whose condition is a list of states."""
    relayed = Mail.objects.filter(mailbox=1, uidvalidity=1, state=MailState.RELAYED)
    due = Delivery.objects.filter(
        Q(state__in=[State.QUEUED, State.RETRY]), endpoint="default", settled_at__isnull=True
    )
    assert "mail_relayed" in relayed.exclude(journal.has_open("message_id")).explain()
    assert "delivery_open" in journal.open_deliveries("default").explain()
    assert "delivery_due" in due.order_by("due_at", "id").explain()
