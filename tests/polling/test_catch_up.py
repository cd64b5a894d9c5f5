"""Reading what there was before us, or what came while we were away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from polling import progress
from polling import work as work_module
from polling.custody import SEEN
from polling.errors import MailboxTrouble
from polling.models import Mail, MailboxState, MailState
from polling.work import MailboxWork
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


class Steps:
    """Asked before each batch whether to go on; what it is told to do then comes first."""

    def __init__(self, session: FakeSession) -> None:
        self.session = session
        self.asked = 0
        self.arrivals: dict[int, str] = {}
        self.last = 1000

    def __call__(self) -> bool:
        self.asked += 1
        if subject := self.arrivals.pop(self.asked, None):
            self.session.mails[max(self.session.mails) + 1] = stored(subject)
        return self.asked <= self.last


@pytest.fixture(autouse=True)
def _single_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_module, "MAILS_PER_BATCH", 1)


def stored(subject: str, *flags: bytes) -> StoredMail:
    return StoredMail(mail(subject).as_bytes(), timezone.now(), set(flags))


def mailbox(*subjects: str, keywords: bool = True) -> FakeSession:
    mails = {uid: stored(subject) for uid, subject in enumerate(subjects, start=1)}
    return FakeSession(mails, keywords=keywords)


def make_work(steps: Steps) -> MailboxWork:
    return MailboxWork(ACCOUNT, store_of(Memory()), lambda: True, steps, lambda: None)


def relayed() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("subject", flat=True))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [record for record in caplog.records if record.name == "polling.progress"]
    return [record.getMessage() for record in records]


def test_a_catch_up_that_was_stopped_goes_on_where_it_was() -> None:
    session = mailbox(*"abcde")
    steps = Steps(session)
    steps.last = 2
    work = make_work(steps)
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "b"]
    assert MailboxState.objects.get().last_uid is None
    steps.last = 1000
    session.broken = {1, 2}  # they are not read again
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "b", "c", "d", "e"]
    assert MailboxState.objects.get().last_uid == 5


def test_mails_that_come_during_a_catch_up_do_not_wait_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "NEWCOMERS_SECONDS", 0.0)
    session = mailbox(*"abcd")
    steps = Steps(session)
    steps.arrivals = {2: "new"}
    work = make_work(steps)
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "b", "new", "c", "d"]
    assert MailboxState.objects.get().last_uid == 5


@pytest.mark.parametrize("keywords", [True, False])
def test_a_catch_up_that_was_cut_short_relays_no_mail_that_was_read_before_us(
    keywords: bool,
) -> None:
    session = mailbox("old", "a", "b", keywords=keywords)
    session.mails[1].flags.add(SEEN)
    session.broken = {3}
    work = make_work(Steps(session))
    work.opened(session)
    with pytest.raises(MailboxTrouble):
        work.read(session)
    session.broken = set()
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "b"]


@pytest.mark.parametrize("keywords", [True, False])
def test_a_mail_that_comes_while_a_catch_up_is_cut_short_is_ours_even_if_it_is_read(
    keywords: bool,
) -> None:
    session = mailbox("a", keywords=keywords)
    session.broken = {1}
    work = make_work(Steps(session))
    work.opened(session)
    with pytest.raises(MailboxTrouble):
        work.read(session)
    session.broken = set()
    session.mails[2] = stored("new", SEEN)
    session.uidnext = 3
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "new"]


def test_a_folder_of_new_uids_is_searched_from_when_it_was_seen_last() -> None:
    session = mailbox("a", keywords=False)
    work = make_work(Steps(session))
    work.opened(session)
    work.read(session)
    Mail.objects.update(seen_at=timezone.now() - timedelta(days=5))
    session.mails[2] = stored("missed", SEEN)
    session.uidvalidity, session.uidnext = 2, 3
    work.opened(session)
    work.read(session)
    assert relayed() == ["a", "missed"]


def test_progress_is_said_and_written_down(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    session = mailbox(*"abc")
    steps = Steps(session)
    steps.last = 2
    work = make_work(steps)
    work.opened(session)
    with caplog.at_level("INFO", "polling.progress"):
        work.read(session)
    assert said(caplog) == [
        "Mailbox default: catching up on 3 mails",
        "Mailbox default: caught up on 1 of 3 mails",
        "Mailbox default: caught up on 2 of 3 mails",
    ]


def test_progress_is_shown_until_the_end_and_proves_that_the_mailbox_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    session = mailbox(*"abc")
    session.broken = {3}
    work = make_work(Steps(session))
    work.opened(session)
    with pytest.raises(MailboxTrouble):
        work.read(session)
    state = MailboxState.objects.get()
    assert (state.catch_up_done, state.catch_up_total) == (2, 3)
    assert state.searched_at is not None
    session.broken = set()
    work.opened(session)
    work.read(session)
    state = MailboxState.objects.get()
    assert (state.catch_up_done, state.catch_up_total) == (0, 0)


def test_a_day_of_outage_shows_its_progress_as_well(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(work_module, "MANY", 3)
    session = mailbox("a")
    work = make_work(Steps(session))
    work.opened(session)
    work.read(session)
    caplog.clear()
    session.mails |= {uid: stored(f"mail {uid}") for uid in (2, 3, 4)}
    with caplog.at_level("INFO", "polling.progress"):
        work.read(session)
    assert said(caplog)[0] == "Mailbox default: catching up on 3 mails"
    assert Mail.objects.filter(state=MailState.RELAYED).count() == 4
