"""Messages on their way: who sends them, and when again."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.webhooks.examples import NOW, after
from webhooks.alerts import notices
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.rules import DAY

DAYS = DAY.total_seconds()


def write(*channels: str, at: datetime = NOW) -> None:
    alert = Alert.objects.create(kind="failing", endpoint="default", since=at)
    for channel in channels:
        Notice.objects.create(
            alert=alert, kind="failing", channel=channel, webhook_id="msg_1", sentence="Fails.",
            count=4, created_at=at, due_at=at,
        )  # fmt: skip


def claim(at: datetime = NOW, *without: str) -> Notice:
    notice = notices.claim(at, without)
    assert notice is not None
    return notice


@pytest.mark.django_db
def test_what_was_told_is_not_due_again() -> None:
    write("mail")
    notices.settle(claim(), True, "", after(1))
    assert notices.claim(after(2 * 3600)) is None
    assert Notice.objects.get().told_at == after(1)


@pytest.mark.django_db
def test_what_could_not_be_told_is_tried_at_growing_intervals_for_a_day() -> None:
    write("mail")
    tries = []
    for second in range(0, int(DAYS) + 7200, 30):
        if notice := notices.claim(after(second)):
            tries.append(second)
            notices.settle(notice, False, "it hangs", after(second))
    assert tries[:6] == [0, 30, 90, 210, 510, 1410]
    assert tries[6:9] == [5010, 8610, 12210]
    assert DAYS - 3600 < tries[-1] <= DAYS
    last = Notice.objects.get()
    assert (last.told_at, last.due_at) == (None, None)
    assert last.error == "given up after a day: it hangs"


@pytest.mark.django_db
def test_what_a_dead_process_has_claimed_is_sent_by_another() -> None:
    write("mail")
    claim()
    assert notices.claim(after(60)) is None
    assert claim(NOW + notices.LEASE).tries == 2


@pytest.mark.django_db
def test_who_has_lost_a_message_settles_it_no_more() -> None:
    write("mail")
    late = claim()
    late_moment = NOW + notices.LEASE + timedelta(seconds=1)
    notices.settle(claim(late_moment), True, "", late_moment)
    notices.settle(late, False, "it hung", late_moment)
    assert (Notice.objects.get().told_at, Notice.objects.get().error) == (late_moment, "")


@pytest.mark.django_db
def test_a_channel_in_trouble_leaves_the_other() -> None:
    write("mail", "webhook")
    assert claim(NOW, "mail").channel == "webhook"
    assert notices.claim(NOW, {"mail"}) is None
    assert claim().channel == "mail"


@pytest.mark.usefixtures("committed_database")
def test_of_threads_that_claim_together_each_message_has_one() -> None:
    write(*["mail"] * 30)
    start = threading.Barrier(4)
    got: list[int] = []

    def work() -> None:
        start.wait()
        while notice := notices.claim(NOW):
            got.append(notice.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(Notice.objects.values_list("pk", flat=True))
