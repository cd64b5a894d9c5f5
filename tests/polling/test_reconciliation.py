"""Servers that give UIDs to other mails, or show mails late."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
from django.utils import timezone

from polling import reconciliation
from polling.custody import PENDING, SEEN, SETTLED
from polling.errors import Kind, MailboxTrouble
from polling.models import Mail, MailboxState, MailState
from polling.work import MailboxWork
from tests.polling.examples import mail
from tests.polling.fake_mailbox import FakeSession, StoredMail
from tests.polling.test_work import make_work
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> MailboxWork:
    return make_work()


def stored(subject: str, seconds_ago: float = 0.0, *flags: bytes) -> StoredMail:
    arrived = timezone.now().replace(microsecond=0) - timedelta(seconds=seconds_ago)
    return StoredMail(mail(subject).as_bytes(), arrived, set(flags))


def mailbox(*subjects: str) -> FakeSession:
    """Mails that arrived one after the other, an hour ago."""
    mails = {uid: stored(subject, 3600 - 10 * uid) for uid, subject in enumerate(subjects, start=1)}
    return FakeSession(mails)


def read(work: MailboxWork, session: FakeSession) -> None:
    session.uidnext = max(session.mails, default=0) + 1
    session.searches.clear()
    session.headcount.grown = False
    work.opened(session)
    work.read(session)


def relayed() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("subject", flat=True))


def rows() -> dict[int, tuple[str, str]]:
    found = Mail.objects.filter(uidvalidity__gt=0)
    return {row.uid: (row.subject, row.state) for row in found}


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
