"""The work on a mailbox, over sessions that end and disks that are lost."""

from __future__ import annotations

import pytest

from polling.custody import DEAD, SEEN, SETTLED
from polling.models import Mail, MailState
from polling.work import MailboxWork
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from tests.polling.memory import Memory, store_of
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> MailboxWork:
    return make_work()


def make_work() -> MailboxWork:
    return MailboxWork(ACCOUNT, store_of(Memory()), bool_true, bool_true, lambda: None)


def bool_true() -> bool:
    return True


def mailbox(count: int = 1, *, keywords: bool = True) -> FakeSession:
    stored = {uid: StoredMail(mail(f"mail {uid}").as_bytes()) for uid in range(1, count + 1)}
    return FakeSession(stored, keywords=keywords)


def read(work: MailboxWork, session: FakeSession) -> None:
    work.opened(session)
    work.read(session)


def states() -> dict[int, str]:
    return dict(Mail.objects.values_list("uid", "state"))


def test_what_another_poller_settled_is_withdrawn(work: MailboxWork) -> None:
    session = mailbox(2)
    read(work, session)
    session.mails[1].flags |= {SETTLED, SEEN}
    work.withdraw_what_others_settled(session)
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == [
        State.CANCELLED,
        State.QUEUED,
    ]


def test_what_was_under_way_when_we_were_killed_is_withdrawn_as_well(work: MailboxWork) -> None:
    session = mailbox()
    read(work, session)
    Delivery.objects.update(state=State.SENDING)
    session.mails[1].flags |= {SETTLED, SEEN}
    work.withdraw_what_others_settled(session)
    assert Delivery.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("keywords", [True, False])
def test_a_mail_that_a_person_read_is_not_taken_for_settled(
    work: MailboxWork, keywords: bool
) -> None:
    session = mailbox(keywords=keywords)
    read(work, session)
    session.mails[1].flags.add(SEEN)
    work.withdraw_what_others_settled(session)
    assert Delivery.objects.get().state == State.QUEUED


@pytest.mark.parametrize("marks", [{SETTLED, SEEN}, {SETTLED, DEAD}])
def test_a_withdrawn_mail_and_its_copy_bear_the_marks_of_whoever_settled_it(
    work: MailboxWork, marks: set[bytes]
) -> None:
    session = mailbox()
    session.mails[2] = StoredMail(session.mails[1].raw)
    read(work, session)
    session.mails[1].flags |= marks
    work.withdraw_what_others_settled(session)
    work.acknowledge(session, everything=True)
    assert session.mails[1].flags >= marks
    assert (DEAD in session.mails[1].flags) is (DEAD in marks)
    assert session.mails[2].flags >= marks
    assert (DEAD in session.mails[2].flags) is (DEAD in marks)
    assert states() == {1: MailState.SETTLED, 2: MailState.SETTLED}
