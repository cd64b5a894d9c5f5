"""Servers that give UIDs to other mails, or show mails late."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest

from polling import reconciliation
from polling.custody import PENDING, SEEN, SETTLED
from polling.errors import Kind, MailboxTrouble
from polling.models import Mail, MailboxState, MailState
from polling.work import MailboxWork
from tests.polling.fake_mailbox import FakeSession
from tests.polling.known_folder import mailbox, read, relayed, rows, stored
from tests.polling.working import make_work
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> MailboxWork:
    return make_work()


def test_a_uid_that_is_used_again_in_a_session_brings_its_mail(work: MailboxWork) -> None:
    session = mailbox("one", "two")
    read(work, session)
    work.read(session)
    session.mails[2] = stored("three")
    session.headcount.grown = True  # EXPUNGE and EXISTS
    work.read(session)
    assert relayed() == ["one", "two", "three"]
    assert rows()[2] == ("three", MailState.RELAYED)


def test_a_uid_that_was_used_again_meanwhile_brings_its_mail(work: MailboxWork) -> None:
    session = mailbox("one", "two")
    read(work, session)
    session.mails[2] = stored("three")
    read(work, session)
    assert relayed() == ["one", "two", "three"]


def test_a_mark_that_was_meant_for_the_former_mail_keeps_nobody_from_reading_the_new_one(
    work: MailboxWork,
) -> None:
    """The former mail was settled when its UID was somebody else's already."""
    session = mailbox("one", "two")
    read(work, session)
    session.mails[2] = stored("three", 0, SETTLED, SEEN)
    read(work, session)
    assert relayed() == ["one", "two", "three"]
    assert SETTLED not in session.mails[2].flags


@pytest.mark.parametrize("message_id", [True, False])
def test_a_mail_that_shows_another_date_is_the_same_mail(
    work: MailboxWork, message_id: bool
) -> None:
    """A restored server, or one that has changed its time zone."""
    session = mailbox("one", "two")
    if not message_id:
        for mail_ in session.mails.values():
            mail_.raw = mail_.raw.replace(b"Message-ID:", b"X-Was:")
    read(work, session)
    for mail_ in session.mails.values():
        assert mail_.received_at is not None
        mail_.received_at += timedelta(hours=1)
    read(work, session)
    read(work, session)
    assert relayed() == ["one", "two"]
    assert not Mail.objects.filter(uidvalidity__lt=0).exists()


def test_a_mail_that_is_parked_is_not_asked_about(work: MailboxWork) -> None:
    """The server may end the session for it, and would at each check."""
    session = mailbox("one", "two")
    read(work, session)
    Mail.objects.filter(uid=1).update(state=MailState.QUARANTINED)
    session.fetched.clear()
    read(work, session)
    assert session.fetched
    assert all(1 not in uids for uids in session.fetched)


def test_a_check_that_ends_a_session_is_not_made_again_on_the_next_one(
    work: MailboxWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = mailbox("one", "two")
    read(work, session)

    def broken(*_: object) -> NoReturn:
        raise MailboxTrouble(Kind.TRANSIENT, "IMAP FETCH failed")

    with monkeypatch.context() as patch:
        patch.setattr(reconciliation, "shown_mails", broken)
        with pytest.raises(MailboxTrouble):
            read(work, session)
        session.mails[3] = stored("three")
        read(work, session)
    assert relayed() == ["one", "two", "three"]


def test_what_became_of_the_former_mail_stays_in_the_journal(work: MailboxWork) -> None:
    session = mailbox("one", "two")
    read(work, session)
    session.mails[2] = stored("three")
    read(work, session)
    former = Mail.objects.get(uidvalidity__lt=0)
    assert (former.uid, former.subject, former.state) == (2, "two", MailState.RELAYED)
    assert former.fault == "its UID 2 belongs to another mail by now"


def test_a_mail_that_shows_up_late_below_the_watermark_is_taken_in(work: MailboxWork) -> None:
    session = mailbox("one")
    read(work, session)
    session.mails[3] = stored("three")
    work.read(session)
    session.mails[2] = stored("two")
    read(work, session)
    assert relayed() == ["one", "three", "two"]
    assert PENDING not in session.mails[2].flags


def test_a_late_mail_that_another_poller_settled_is_left_alone(work: MailboxWork) -> None:
    session = mailbox("one")
    read(work, session)
    session.mails[3] = stored("three")
    work.read(session)
    session.mails[2] = stored("two", 0, SETTLED)
    read(work, session)
    assert relayed() == ["one", "three"]


def test_a_mail_that_was_said_to_be_gone_and_is_there_is_read(work: MailboxWork) -> None:
    session = mailbox("one", "two")
    read(work, session)
    Mail.objects.filter(uid=2).update(state=MailState.GONE, size=0, received_at=None, subject="")
    Delivery.objects.filter(subject="two").delete()
    read(work, session)
    assert relayed() == ["one", "two"]
    assert rows()[2] == ("two", MailState.RELAYED)


def test_a_mailbox_of_an_older_release_gets_no_old_mail_again(work: MailboxWork) -> None:
    session = mailbox("old", "new")
    read(work, session)
    Mail.objects.filter(uid=1).delete()
    MailboxState.objects.update(start_uid=None, started_at=None)
    Delivery.objects.all().delete()
    session.mails[1].flags.add(SEEN)
    read(make_work(), session)
    assert relayed() == []


def test_what_is_very_old_and_has_no_row_any_more_is_not_read_again(work: MailboxWork) -> None:
    session = FakeSession({})
    read(work, session)
    session.mails = {1: stored("old", 40 * 86400), 2: stored("new")}
    work.read(session)
    Mail.objects.filter(uid=1).delete()
    Delivery.objects.all().delete()
    read(work, session)
    assert relayed() == []


def test_an_idle_round_looks_at_nothing_but_what_is_new(work: MailboxWork) -> None:
    session = mailbox("one", "two")
    read(work, session)
    session.searches.clear()
    work.read(session)
    assert session.searches == ["UID 3:*"]


def test_from_time_to_time_the_last_mails_are_compared_with_the_journal(
    work: MailboxWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "CHECK_SECONDS", 0.0)
    session = mailbox("one", "two")
    read(work, session)
    session.searches.clear()
    work.read(session)
    assert session.searches == ["UID 3:*", "1:*"]
