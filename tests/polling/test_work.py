"""The work on a mailbox, over sessions that end and disks that are lost."""

from __future__ import annotations

import pytest
from django.utils import timezone

from polling.custody import DEAD, PENDING, SEEN, SETTLED, START
from polling.errors import Kind, MailboxTrouble
from polling.models import Mail, MailboxState, MailState
from polling.work import MailboxWork
from tests.polling.examples import mail
from tests.polling.fake_mailbox import FakeSession
from tests.polling.working import mailbox, make_work, read, states, stored
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> MailboxWork:
    return make_work()


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
    session.mails[2] = stored("mail 1")
    read(work, session)
    session.mails[1].flags |= marks
    work.withdraw_what_others_settled(session)
    work.acknowledge(session, everything=True)
    assert session.mails[1].flags >= marks
    assert (DEAD in session.mails[1].flags) is (DEAD in marks)
    assert session.mails[2].flags >= marks
    assert (DEAD in session.mails[2].flags) is (DEAD in marks)
    assert states() == {1: MailState.SETTLED, 2: MailState.SETTLED}


def forget_everything() -> None:
    """The loss of the disk."""
    Delivery.objects.all().delete()
    MailboxState.objects.all().delete()


def read_by_a_person(session: FakeSession) -> None:
    for item in session.mails.values():
        item.flags.add(SEEN)


def relayed_after_the_loss_of_the_disk(session: FakeSession) -> list[int]:
    read_by_a_person(session)
    forget_everything()
    read(make_work(), session)
    return sorted(Mail.objects.filter(state=MailState.RELAYED).values_list("uid", flat=True))


def test_unread_mails_of_a_first_contact_survive_a_person_and_the_loss_of_the_disk(
    work: MailboxWork,
) -> None:
    session = mailbox(4)
    session.mails[2].flags.add(SEEN)
    read(work, session)
    assert relayed_after_the_loss_of_the_disk(session) == [1, 3, 4]


def test_mails_that_come_at_once_into_an_empty_mailbox_survive_the_loss_of_the_disk(
    work: MailboxWork,
) -> None:
    session = FakeSession({})
    read(work, session)
    session.mails.update(mailbox(3).mails)
    work.read(session)
    assert relayed_after_the_loss_of_the_disk(session) == [1, 2, 3]


def test_a_first_contact_that_dies_before_its_commit_survives_the_loss_of_the_disk(
    work: MailboxWork,
) -> None:
    session = mailbox(3)
    session.mails[1].flags.add(SEEN)
    session.broken = {2}
    with pytest.raises(MailboxTrouble):
        read(work, session)
    session.broken = set()
    assert relayed_after_the_loss_of_the_disk(session) == [2, 3]


def test_what_is_settled_is_not_relayed_again_after_the_loss_of_the_disk(
    work: MailboxWork,
) -> None:
    session = mailbox(2)
    read(work, session)
    Delivery.objects.update(state=State.DELIVERED)
    work.acknowledge(session, everything=True)
    assert relayed_after_the_loss_of_the_disk(session) == []


def test_a_start_that_a_person_deleted_is_marked_anew_with_all_that_waits(
    work: MailboxWork,
) -> None:
    session = mailbox(3)
    session.mails[1].flags.add(SEEN)
    read(work, session)
    session.mails[4] = stored("later")
    work.read(session)
    del session.mails[3]
    read(work, session)
    assert {uid: item.flags for uid, item in session.mails.items()} == {
        1: {SEEN},
        2: {PENDING},
        4: {PENDING, START},
    }
    assert relayed_after_the_loss_of_the_disk(session) == [2, 4]


def test_mails_that_are_not_relayed_keep_no_mark(work: MailboxWork) -> None:
    session = mailbox(2)
    session.mails[1].raw = mail("Re: reply").as_bytes()
    read(work, session)
    assert session.mails[1].flags == set()
    assert PENDING in session.mails[2].flags


def test_a_server_that_refuses_our_marks_is_read_all_the_same(work: MailboxWork) -> None:
    session = mailbox()

    def refuse(uids: object, flags: object) -> None:
        session.refusal = MailboxTrouble(Kind.CONFIGURATION, "IMAP STORE failed: no")

    session.add_flags = refuse  # type: ignore[method-assign]
    read(work, session)
    assert states() == {1: MailState.RELAYED}
    state = MailboxState.objects.get()
    assert (state.trouble, state.trouble_kind) == ("IMAP STORE failed: no", "configuration")
    assert state.served


def test_the_beginning_of_a_session_is_written_down(work: MailboxWork) -> None:
    before = timezone.now()
    work.opened(mailbox())
    connected = MailboxState.objects.get().connected_at
    assert connected is not None and connected >= before


def test_what_a_server_refused_to_mark_is_marked_when_it_takes_marks_again(
    work: MailboxWork,
) -> None:
    session = mailbox()
    read(work, session)
    Delivery.objects.update(state=State.DELIVERED)
    session.refusal = MailboxTrouble(Kind.CONFIGURATION, "IMAP STORE failed: no")
    work.acknowledge(session, everything=True)
    assert states() == {1: MailState.RELAYED}
    session.refusal = None
    work.acknowledge(session, everything=True)
    assert states() == {1: MailState.SETTLED}
    assert SETTLED in session.mails[1].flags


def test_what_another_poller_read_and_settled_is_not_read_again(work: MailboxWork) -> None:
    """The mailbox was not ours for a while, and our watermark is from before that."""
    session = mailbox(1)
    read(work, session)
    session.mails |= {2: stored("mail 2"), 3: stored("mail 3")}
    session.mails[2].flags |= {SETTLED, SEEN}
    read(work, session)
    assert states() == {1: "relayed", 2: "settled", 3: "relayed"}
    assert Delivery.objects.count() == 2
    assert Mail.objects.get(uid=2).subject_group == "mail 2"
