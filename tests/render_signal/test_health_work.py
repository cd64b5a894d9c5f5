"""What /health says of the work: mailboxes that are served with less, deliveries that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from configstore.declared import config_store
from polling.errors import Kind, MailboxTrouble
from polling.models import KnownTerm, Mail, MailboxState, MailState
from render_signal.health import first_search
from tests.render_signal.service import Service
from tests.webhooks.examples import enqueue


def test_deliveries_that_are_held_back_are_told(service: Service) -> None:
    enqueue("a", at=timezone.now())
    KnownTerm.note("default", held_back=True)
    answer = service.health()
    assert (service.status, answer["parts"]["deliveries"]["status"]) == (200, "degraded")
    assert "can be asked whether another container" in answer["parts"]["deliveries"]["detail"]


def test_a_mailbox_that_is_served_in_spite_of_a_trouble_is_no_failure(service: Service) -> None:
    less = MailboxTrouble(Kind.CONFIGURATION, "IMAP STORE failed: no")
    service.mailbox.note_searched(timezone.now(), less)
    part = service.health()["parts"]["mailbox"]
    assert (service.status, part["status"], part["kind"]) == (200, "degraded", "configuration")
    service.mailbox.note_trouble("IMAP login failed: no", "authentication", timezone.now())
    assert service.health()["parts"]["mailbox"]["kind"] == "authentication"
    assert service.status == 503


def test_a_trouble_of_the_marks_does_not_hide_that_nobody_searches(service: Service) -> None:
    less = MailboxTrouble(Kind.CONFIGURATION, "IMAP STORE failed: no")
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=6), less)
    service.health()
    assert service.status == 503


@pytest.mark.parametrize("known", [True, False])
def test_who_never_begins_to_search_fails_after_a_while(
    service: Service, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if known:
        MailboxState.objects.update(searched_at=None)
    else:
        MailboxState.objects.all().delete()
    monkeypatch.setattr(first_search, "_since", {})
    assert service.health()["parts"]["mailbox"]["status"] == "degraded"
    assert service.status == 200
    identity, since = first_search._since.popitem()
    first_search._since[identity] = since - 301
    part = service.health()["parts"]["mailbox"]
    assert (service.status, part["status"]) == (503, "failed")
    assert part["detail"] == "never searched: is runpoller running?"
    service.redis.set("r:ss:config:polling_config", '{"enable_polling": false}')
    config_store.cache_clear()
    assert service.health()["parts"]["mailbox"]["status"] == "ok"
    assert first_search._since == {}


def test_a_redis_whose_host_is_no_name_is_told(service: Service, settings: LazySettings) -> None:
    service.health()
    settings.REDIS_URL = "redis://redis..example:6379/0"
    parts = service.health()["parts"]
    assert (parts["redis"]["status"], parts["lock"]["status"]) == ("degraded", "degraded")


@pytest.mark.parametrize(("minutes", "status"), [(20, 200), (25, 503)])
def test_a_mailbox_that_is_asked_seldom_is_not_overdue_at_once(
    service: Service, settings: LazySettings, minutes: int, status: int
) -> None:
    settings.IMAP_TIMEOUT_SECONDS = 60
    service.redis.set("r:ss:config:polling_config", '{"interval_seconds": 600}')
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=minutes))
    service.health()
    assert service.status == status


def test_quarantined_mails_are_counted_and_fail_nothing(service: Service) -> None:
    now = timezone.now()
    for uid, state in enumerate((MailState.QUARANTINED, MailState.SETTLED)):
        Mail.objects.create(
            mailbox=service.mailbox, uidvalidity=1, uid=uid, state=state, seen_at=now
        )
    part = service.health()["parts"]["mailbox"]
    assert (part["status"], part["quarantined"]) == ("ok", 1)


def test_a_catch_up_shows_how_far_it_has_got(service: Service) -> None:
    service.mailbox.note_progress(12_000, 200_000, timezone.now())
    part = service.health()["parts"]["mailbox"]
    assert (part["status"], part["progress"]) == ("ok", "catching up: 12000 of 200000")
    service.mailbox.note_searched(timezone.now())
    assert "progress" not in service.health()["parts"]["mailbox"]
