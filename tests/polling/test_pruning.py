"""What leaves the journal with time, what never does, and that nothing is sent again by it."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from polling import pruning, retention
from polling.models import Mail, MailboxState, MailState
from runtime.stopping import Stop
from tests.polling.fake_mailbox import FakeSession, StoredMail
from tests.polling.long_ago import LONG, age, lived, pruned, read, sent, settle, store, stored, uids
from tests.polling.working import make_work
from webhooks.interventions import send_again
from webhooks.models import Attempt, Delivery, SearchKey, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "TAIL", 2)


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
