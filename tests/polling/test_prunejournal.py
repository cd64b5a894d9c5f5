"""What a person removes from the journal, by command."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from polling import retention
from polling.models import Mail, MailState
from tests.polling.long_ago import lived, pruned, sent, uids
from tests.polling.working import make_work
from webhooks.models import Attempt, Delivery, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "TAIL", 2)


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
