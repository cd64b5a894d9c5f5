"""What has left the journal is not read again, whatever happens to the mailbox or the disk."""

from __future__ import annotations

import pytest
from django.utils import timezone

from polling import retention
from polling.custody import SEEN, SETTLED
from polling.models import MailboxState
from tests.polling.long_ago import LONG, lived, pruned, read, sent, uids
from tests.polling.working import make_work
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "TAIL", 2)


@pytest.mark.parametrize("keywords", [True, False])
def test_a_pruned_mail_is_not_read_again(keywords: bool) -> None:
    work = make_work()
    session = lived(work, keywords=keywords)
    pruned()
    for again in (work, make_work()):
        session.broken = set(session.mails)
        read(again, session)
    assert uids() == [4, 5, 6]


@pytest.mark.parametrize("keywords", [True, False])
def test_nor_is_it_after_the_loss_of_the_disk(keywords: bool) -> None:
    session = lived(make_work(), keywords=keywords)
    pruned()
    MailboxState.objects.all().delete()
    Delivery.objects.all().delete()
    session.broken = set(session.mails)
    read(make_work(), session)
    assert sent() == []


@pytest.mark.parametrize("keywords", [True, False])
def test_nor_is_it_when_the_mails_are_numbered_anew(keywords: bool) -> None:
    work = make_work()
    session = lived(work, keywords=keywords)
    pruned()
    session.uidvalidity = 2
    read(work, session)
    assert sent() == ["mail 4", "mail 5", "mail 6"]


@pytest.mark.parametrize("flags", [{SETTLED}, {SEEN}, set()])
def test_nor_is_it_when_they_are_numbered_anew_without_a_word(flags: set[bytes]) -> None:
    work = make_work()
    session = lived(work)
    MailboxState.objects.update(start_uid=3, started_at=timezone.now() - 2 * LONG)
    pruned()
    moved = [session.mails[uid] for uid in (4, 1, 2, 3, 5, 6)]
    session.mails = dict(enumerate(moved, start=1))
    for each in session.mails.values():
        each.flags = set(flags)
    read(make_work(), session)
    assert sent() == ["mail 4", "mail 5", "mail 6"]
