"""What leaves the journal with time, what never does, and that nothing is sent again by it."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from configstore.store import ConfigStore
from polling import pruning, retention
from polling.custody import SEEN, SETTLED
from polling.models import Mail, MailboxState, MailState
from polling.pruning import prune
from polling.work import MailboxWork
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import FakeSession, StoredMail
from tests.polling.test_work import make_work
from webhooks.interventions import send_again
from webhooks.models import Attempt, Delivery, SearchKey, State

pytestmark = pytest.mark.django_db
LONG = timedelta(days=200)


@pytest.fixture(autouse=True)
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "TAIL", 2)


def store(days: int = 90, **polling: object) -> ConfigStore:
    documents = Memory()
    documents.documents["processing_prefs"] = {"journal_days": days}
    documents.documents["polling_config"] = polling
    return store_of(documents)


def pruned(config: ConfigStore | None = None) -> tuple[int, int]:
    return prune(config or store(), timezone.now(), Stop())


def stored(subject: str, ago: timedelta) -> StoredMail:
    arrived = (timezone.now() - ago).replace(microsecond=0)
    return StoredMail(mail(subject).as_bytes(), arrived)


def read(work: MailboxWork, session: FakeSession) -> None:
    session.uidnext = max(session.mails, default=0) + 1
    work.opened(session)
    work.read(session)


def settle(work: MailboxWork, session: FakeSession, state: State = State.DELIVERED) -> None:
    now = timezone.now()
    Delivery.objects.filter(settled_at=None).update(state=state, settled_at=now)
    for row in Delivery.objects.filter(tries=None):
        Attempt.objects.create(delivery=row, number=1, token=uuid.uuid4(), started_at=now)
    work.acknowledge(session, everything=True)


def age(*uids: int) -> None:
    """As if what was done about these mails had been done long ago."""
    rows = Mail.objects.filter(uid__in=uids)
    names = list(rows.values_list("message_id", flat=True))
    rows.update(seen_at=F("seen_at") - LONG, settled_at=F("settled_at") - LONG)
    Delivery.objects.filter(message_id__in=names, settled_at__isnull=False).update(
        settled_at=F("settled_at") - LONG, created_at=F("created_at") - LONG
    )


def lived(
    work: MailboxWork, *, keywords: bool = True, state: State = State.DELIVERED
) -> FakeSession:
    """A mailbox with three mails of long ago and three of today, all of them settled."""
    session = FakeSession({}, keywords=keywords)
    read(work, session)
    for uid in range(1, 7):
        session.mails[uid] = stored(f"mail {uid}", LONG if uid < 4 else timedelta(hours=1))
    read(work, session)
    settle(work, session, state)
    age(1, 2, 3)
    return session


def uids() -> list[int]:
    return sorted(Mail.objects.values_list("uid", flat=True))


def sent() -> list[str]:
    return sorted(Delivery.objects.values_list("subject", flat=True))


def test_what_is_settled_goes_with_all_that_belongs_to_it() -> None:
    lived(make_work())
    assert pruned() == (3, 3)
    assert uids() == [4, 5, 6]
    assert sent() == ["mail 4", "mail 5", "mail 6"]
    assert Attempt.objects.count() == 3
    assert set(SearchKey.objects.values_list("message_id", flat=True)) == set(
        Mail.objects.values_list("message_id", flat=True)
    )
    assert pruned() == (0, 0)


@pytest.mark.parametrize("state", [MailState.IGNORED, MailState.GONE])
def test_what_was_ignored_or_vanished_goes(state: MailState) -> None:
    lived(make_work())
    Mail.objects.filter(uid=2).update(state=state, message_id="", settled_at=None)
    pruned()
    assert uids() == [4, 5, 6]


@pytest.mark.parametrize("state", [MailState.QUARANTINED, MailState.FAILED, MailState.RELAYED])
def test_what_is_not_settled_stays(state: MailState) -> None:
    lived(make_work())
    Mail.objects.filter(uid=2).update(state=state)
    pruned()
    assert uids() == [2, 4, 5, 6]


@pytest.mark.parametrize("state", [State.DEAD, State.QUEUED, State.RETRY, State.SENDING])
def test_a_delivery_that_is_dead_or_waits_stays_with_its_mail_and_its_tries(state: State) -> None:
    lived(make_work())
    name = Mail.objects.get(uid=2).message_id
    Delivery.objects.filter(message_id=name).update(state=state)
    pruned()
    assert uids() == [2, 4, 5, 6]
    assert Delivery.objects.get(message_id=name).tries.count() == 1
    assert SearchKey.objects.filter(message_id=name).exists()


def test_what_was_cancelled_long_ago_and_is_sent_again_stays() -> None:
    lived(make_work(), state=State.CANCELLED)
    name = Mail.objects.get(uid=2).message_id
    send_again(Delivery.objects.filter(message_id=name), timezone.now())
    pruned()
    assert sent() == ["mail 2", "mail 4", "mail 5", "mail 6"]


def test_of_two_copies_of_a_mail_both_go_and_their_delivery() -> None:
    work = make_work()
    session = lived(work)
    session.mails[7] = StoredMail(session.mails[2].raw, session.mails[2].received_at)
    read(work, session)
    settle(work, session)
    age(7)
    Mail.objects.filter(uid=7).update(uid=3, uidvalidity=99)
    pruned()
    assert uids() == [4, 5, 6]
    assert sent() == ["mail 4", "mail 5", "mail 6"]


def test_zero_days_keep_everything() -> None:
    lived(make_work())
    assert pruned(store(0)) == (0, 0)


def test_few_days_are_as_many_as_the_mailbox_may_be_read_back(settings: LazySettings) -> None:
    lived(make_work())
    settings.MAILBOX_CATCH_UP_DAYS = 365
    assert pruned(store(1)) == (0, 0)


def test_mails_of_the_window_of_subject_groups_stay() -> None:
    lived(make_work())
    year = 366 * 24 * 3600
    grouped = {"enable_subject_group_dedup": True, "subject_group_ttl_seconds": year}
    assert pruned(store(90, **grouped)) == (0, 0)


def test_the_last_mails_of_a_folder_stay_however_old_they_are() -> None:
    work, session = make_work(), FakeSession({})
    read(work, session)
    session.mails = {uid: stored(f"mail {uid}", LONG) for uid in range(1, 7)}
    read(work, session)
    settle(work, session)
    age(*range(1, 7))
    Mail.objects.filter(uid=6).update(seen_at=timezone.now())
    pruned()
    assert uids() == [5, 6]


def test_nothing_goes_before_a_catch_up_is_finished() -> None:
    lived(make_work())
    MailboxState.objects.update(last_uid=None)
    assert pruned() == (0, 0)


def test_what_came_before_a_long_absence_stays_until_the_mailbox_was_searched() -> None:
    lived(make_work())
    account = {"imap_host": "imap.example", "imap_user": "user@relay.example",
               "imap_password": "the-password"}  # fmt: skip
    MailboxState.objects.update(searched_at=timezone.now() - LONG)
    assert pruned(store(90, **account)) == (0, 0)
    MailboxState.objects.update(searched_at=timezone.now())
    assert pruned(store(90, **account)) == (3, 3)


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


@pytest.mark.usefixtures("committed_database")
def test_two_that_prune_at_once_do_no_harm() -> None:
    lived(make_work())
    counts: list[tuple[int, int]] = []

    def work() -> None:
        counts.append(pruned())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sum(column) for column in zip(*counts, strict=True)] == [3, 3]
    assert uids() == [4, 5, 6]


@pytest.mark.usefixtures("committed_database")
def test_it_goes_on_until_it_is_stopped_whatever_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(pruning, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(pruning, "SECONDS", 0.01)
    lived(make_work())
    Mail.objects.update(words=None)  # as the release before left them
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE webhooks_searchkey RENAME TO away")
    stop = Stop()

    def work() -> None:
        pruning.run(store(), stop)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    told_within("The journal is pruned in an hour, the database failed", caplog)
    assert uids() == [1, 2, 3, 4, 5, 6]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO webhooks_searchkey")
    told_within("Pruned from the journal: mails=3 deliveries=3", caplog)
    assert not Mail.objects.filter(words=None).exists()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    stop.close()


def told_within(text: str, caplog: pytest.LogCaptureFixture, seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while text not in caplog.text:
        assert time.monotonic() < ends, text
        time.sleep(0.02)


def ordered(*options: str) -> str:
    out = StringIO()
    call_command("prunejournal", *options, stdout=out)
    return out.getvalue()


def day(ago: timedelta) -> str:
    return f"{datetime.now(tz=timezone.get_current_timezone()) - ago:%Y-%m-%d}"


def test_a_person_removes_dead_deliveries_after_a_look_at_them() -> None:
    lived(make_work(), state=State.DEAD)
    before = ("--dead", "--before", day(timedelta(days=100)))
    shown = ordered(*before, "--dry-run")
    assert "Would remove 3 dead deliveries." in shown
    assert f"{Delivery.objects.get(subject='mail 2').webhook_id} default mail 2" in shown
    assert Delivery.objects.count() == 6
    assert "Removed 3 dead deliveries." in ordered(*before)
    assert sent() == ["mail 4", "mail 5", "mail 6"]
    assert Attempt.objects.count() == 3
    pruned()
    assert uids() == [4, 5, 6]


def test_a_person_removes_no_more_than_what_mailboxes_do_not_show_any_more() -> None:
    lived(make_work(), state=State.DEAD)
    told = ordered("--dead", "--before", day(timedelta(0)))
    assert "What is younger than 33 days stays" in told
    assert sent() == ["mail 4", "mail 5", "mail 6"]


def test_a_person_removes_quarantined_mails() -> None:
    lived(make_work())
    Mail.objects.filter(uid__in=(2, 5)).update(state=MailState.QUARANTINED, fault="nonsense")
    told = ordered("--quarantined", "--before", day(timedelta(days=100)))
    assert "default UID 2 nonsense" in told
    assert "Removed 1 quarantined mails." in told
    assert uids() == [1, 3, 4, 5, 6]


def test_a_person_has_to_say_what_is_to_go() -> None:
    with pytest.raises(CommandError, match="--dead, --quarantined"):
        ordered("--before", "2026-01-01")
