"""Servers that number the mails of a folder anew."""

from __future__ import annotations

import pytest

from polling import reconciliation
from polling.custody import SEEN
from polling.models import Mail, MailboxState, MailState
from polling.work import MailboxWork
from tests.polling.known_folder import mailbox, read, relayed, rows, stored
from tests.polling.working import make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> MailboxWork:
    return make_work()


def test_mails_that_were_numbered_anew_are_recognised_and_not_read_again(
    work: MailboxWork,
) -> None:
    session = mailbox("one", "two", "three", "four")
    read(work, session)
    ids = dict(Mail.objects.values_list("subject", "message_id"))
    del session.mails[1]
    session.mails = dict(enumerate(session.mails.values(), start=1))
    session.broken = {1, 2, 3}
    read(work, session)
    assert {uid: subject for uid, (subject, _) in rows().items()} == {
        1: "two",
        2: "three",
        3: "four",
    }
    assert dict(Mail.objects.values_list("subject", "message_id")) == ids
    assert len(relayed()) == 4
    assert MailboxState.objects.get().last_uid == 3


def test_the_next_mail_after_such_a_renumbering_is_found_by_its_uid(work: MailboxWork) -> None:
    session = mailbox("one", "two", "three")
    read(work, session)
    session.mails = dict(enumerate([*session.mails.values()][1:], start=1))
    read(work, session)
    session.mails[3] = stored("four")
    work.read(session)
    assert relayed() == ["one", "two", "three", "four"]


def test_a_folder_that_was_emptied_and_counts_from_one_again_is_read(work: MailboxWork) -> None:
    session = mailbox(*"abcde")
    read(work, session)
    session.mails.clear()
    read(work, session)
    session.mails[1] = stored("new")
    read(work, session)
    assert relayed()[5:] == ["new"]
    assert rows()[1] == ("new", MailState.RELAYED)


def test_a_renumbering_beyond_the_first_look_is_followed_to_its_end(
    work: MailboxWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "TAIL", 3)
    monkeypatch.setattr(reconciliation, "WITNESSES", 2)
    session = mailbox(*"abcdefghij")
    read(work, session)
    del session.mails[2]
    session.mails = dict(enumerate(session.mails.values(), start=1))
    read(work, session)
    assert {uid: subject for uid, (subject, _) in rows().items()} == dict(
        enumerate("acdefghij", start=1)
    )
    assert len(relayed()) == 10


def test_old_read_mails_are_not_taken_for_new_ones_when_they_get_new_uids(
    work: MailboxWork,
) -> None:
    session = mailbox("old", "older", "unread", "new")
    session.mails[1].flags.add(SEEN)
    session.mails[2].flags.add(SEEN)
    read(work, session)
    del session.mails[1]
    session.mails = dict(enumerate(session.mails.values(), start=1))
    read(work, session)
    assert relayed() == ["unread", "new"]
