"""What /health says of the work: mailboxes that are served with less, deliveries that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from polling.errors import Kind, MailboxTrouble
from polling.models import KnownTerm
from tests.render_signal.service import Service
from tests.webhooks.examples import enqueue

pytestmark = pytest.mark.django_db


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
    assert service.health()["parts"]["mailbox"]["detail"] == "IMAP login failed: no"
    assert service.status == 503


def test_a_trouble_of_the_marks_does_not_hide_that_nobody_searches(service: Service) -> None:
    less = MailboxTrouble(Kind.CONFIGURATION, "IMAP STORE failed: no")
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=6), less)
    service.health()
    assert service.status == 503


def test_a_redis_whose_host_is_no_name_is_told(service: Service, settings: LazySettings) -> None:
    service.health()
    settings.REDIS_URL = "redis://redis..example:6379/0"
    parts = service.health()["parts"]
    assert (parts["redis"]["status"], parts["lock"]["status"]) == ("degraded", "degraded")
