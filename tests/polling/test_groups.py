"""One mail for each subject group, whatever is forgotten meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from configstore.documents import PollingConfig
from polling.custody import SEEN, SETTLED
from polling.groups import same_window
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from polling.work import MailboxWork
from tests.polling.documents import Memory, store_of
from tests.polling.examples import ARRIVED, LINK, mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
PARIS = PollingConfig(timezone="Europe/Paris")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: ARRIVED + timedelta(days=1))


def yes() -> bool:
    return True


def stored(subject: str, at: datetime = ARRIVED) -> StoredMail:
    return StoredMail(mail(subject, text=f"{subject} {LINK}").as_bytes(), at)


def read(session: FakeSession, ttl: int = 0) -> MailboxWork:
    documents = Memory()
    documents.documents["polling_config"] = {
        "enable_subject_group_dedup": True,
        "subject_group_ttl_seconds": ttl,
    }
    work = MailboxWork(ACCOUNT, store_of(documents), yes, yes, lambda: None)
    work.opened(session)
    work.read(session)
    return work


def outcome() -> dict[int, str]:
    rows = Mail.objects.filter(uidvalidity=Mail.objects.latest("pk").uidvalidity)
    return {
        uid: reason or state for uid, state, reason in rows.values_list("uid", "state", "reason")
    }


def lose_the_disk() -> None:
    Delivery.objects.all().delete()
    MailboxState.objects.all().delete()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (NOVEMBER + timedelta(minutes=29), True),
        (NOVEMBER + timedelta(minutes=31), False),
        (NOVEMBER - timedelta(days=29), True),
        (NOVEMBER - timedelta(days=31), False),
        (NOVEMBER + timedelta(days=365), False),
    ],
)
def test_the_window_of_a_subject_group_is_its_month(other: datetime, same: bool) -> None:
    assert same_window(PARIS, NOVEMBER, other) is same


@pytest.mark.parametrize(("seconds", "same"), [(59, True), (-59, True), (60, False)])
def test_the_window_of_a_subject_group_is_its_ttl_if_it_has_one(seconds: int, same: bool) -> None:
    config = PollingConfig(subject_group_ttl_seconds=60)
    assert same_window(config, NOVEMBER, NOVEMBER + timedelta(seconds=seconds)) is same


def test_one_mail_of_a_subject_group_is_relayed_in_a_month() -> None:
    session = FakeSession({1: stored("Lot 7"), 2: stored("suite du lot 7")})
    work = read(session)
    session.mails[3] = stored("encore lot 7", ARRIVED + timedelta(days=2))
    session.mails[4] = stored("toujours lot 7", ARRIVED + timedelta(days=20))
    work.read(session)
    assert outcome() == {
        1: MailState.RELAYED,
        2: Reason.SUBJECT_GROUP,
        3: Reason.SUBJECT_GROUP,
        4: MailState.RELAYED,
    }


def settle(work: MailboxWork, session: FakeSession) -> None:
    Delivery.objects.update(state=State.DELIVERED)
    work.acknowledge(session, everything=True)


def test_a_mail_that_was_kept_back_is_not_relayed_after_the_loss_of_the_disk() -> None:
    session = FakeSession({1: stored("Lot 7"), 2: stored("suite du lot 7"), 3: stored("Lot 8")})
    settle(read(session), session)
    session.mails[3].flags.clear()
    lose_the_disk()
    work = read(session)
    session.mails[4] = stored("encore lot 7")
    work.read(session)
    assert outcome() == {
        1: MailState.SETTLED,
        2: Reason.SUBJECT_GROUP,
        3: MailState.RELAYED,
        4: Reason.SUBJECT_GROUP,
    }


def test_what_was_kept_back_long_ago_is_kept_back_by_the_window_of_its_time() -> None:
    session = FakeSession(
        {
            1: stored("Lot 7", ARRIVED - timedelta(days=2)),
            2: stored("suite du lot 7", ARRIVED - timedelta(days=2, seconds=-30)),
            3: stored("encore lot 7", ARRIVED),
        }
    )
    session.mails[1].flags = {SETTLED, SEEN}
    read(session, ttl=60)
    assert outcome() == {1: MailState.SETTLED, 2: Reason.SUBJECT_GROUP, 3: MailState.RELAYED}


def test_a_relayed_mail_under_a_new_uid_is_no_duplicate_of_itself() -> None:
    session = FakeSession({1: stored("Lot 7")})
    read(session)
    session.uidvalidity = 2
    settle(read(session), session)
    assert session.mails[1].flags >= {SETTLED, SEEN}
    assert outcome() == {1: MailState.SETTLED}
    assert Delivery.objects.count() == 1


def test_only_header_fields_of_settled_mails_are_read_and_only_while_catching_up() -> None:
    session = FakeSession({1: stored("Lot 7")})
    session.mails[1].flags = {SETTLED, SEEN}
    session.broken = {1}  # its text would end the session
    work = read(session)
    searches: list[object] = []
    session.search = searches.append  # type: ignore[method-assign, assignment]
    session.search_above = lambda uid: []  # type: ignore[method-assign]
    work.read(session)
    assert (outcome(), searches) == ({1: MailState.SETTLED}, [])
