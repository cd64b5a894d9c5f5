"""What may be wrong with the service, brought about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, WebhookConfig
from polling.models import KnownTerm, Mail, MailState
from tests.render_signal.first_page import save
from tests.render_signal.service import KEY, Service
from tests.webhooks.examples import enqueue
from webhooks.endpoints import described_endpoint
from webhooks.models import Delivery, EndpointState, State


def endpoint(**fields: Any) -> None:
    described = described_endpoint(config_store().get(WebhookConfig), ProcessingPrefs())
    assert described is not None
    EndpointState.objects.create(endpoint="default", fingerprint=described.fingerprint, **fields)


def no_poller(service: Service) -> None:
    service.redis.delete(KEY)


def trouble(service: Service) -> None:
    service.mailbox.note_trouble("IMAP login failed", "authentication", timezone.now())


def overdue_search(service: Service) -> None:
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=6))


def never_searched(service: Service) -> None:
    service.mailbox.delete()


def twin(service: Service) -> None:
    save(service, "polling_config", mailboxes=["sales"])
    service.redis.set(f"{KEY}:sales", "pid=7 host=web-1 since=now")


def held_back(service: Service) -> None:
    enqueue("a", at=timezone.now())
    KnownTerm.note("default", held_back=True)


def quarantined(service: Service) -> None:
    Mail.objects.create(
        mailbox=service.mailbox, uidvalidity=1, uid=1, state=MailState.QUARANTINED,
        seen_at=timezone.now(),
    )  # fmt: skip


def paused(service: Service) -> None:
    endpoint(paused="the endpoint answered 410 Gone")


def failing(service: Service) -> None:
    endpoint(failures=4, failing_since=timezone.now(), last_error="HTTP 503")


def stumbling(service: Service) -> None:
    enqueue("a", at=timezone.now())
    Delivery.objects.update(state=State.RETRY, due_at=timezone.now() + timedelta(minutes=5))
    endpoint(failures=1, failing_since=timezone.now(), last_error="HTTP 500")


def no_address(service: Service) -> None:
    enqueue("a", at=timezone.now())
    save(service, "webhook_config", webhook_url=None)


def forbidden_address(service: Service) -> None:
    save(service, "webhook_config", webhook_url="https://10.0.0.1/x")


def left_the_list(service: Service) -> None:
    enqueue("a", at=timezone.now())
    Delivery.objects.update(endpoint="former")


def waits_for_long(service: Service) -> None:
    enqueue("a", at=timezone.now() - timedelta(minutes=16))


def dead(service: Service) -> None:
    enqueue("a", "b", at=timezone.now())
    Delivery.objects.update(state=State.DEAD, reason="HTTP 404", settled_at=timezone.now())


def nowhere(service: Service) -> None:
    save(service, "routing_rules", rules=[{"name": "Invoices", "endpoint": "crm"}])


def alerts_off(service: Service) -> None:
    save(service, "processing_prefs", notify_on_failure=False)


def alerts_to_nobody(service: Service) -> None:
    save(service, "processing_prefs", alert_webhook_url=None)


def faulty(service: Service) -> None:
    config_store().get(ProcessingPrefs)
    save(service, "processing_prefs", retry_count="many")
    config_store().current(ProcessingPrefs)
