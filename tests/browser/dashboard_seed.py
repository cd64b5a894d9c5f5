"""Fills the journal of the web process beside it with a quiet day; `trouble`: with a bad one."""

from __future__ import annotations

import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from configstore.declared import config_store  # noqa: E402
from configstore.documents import (  # noqa: E402
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
)
from polling.accounts import find_account  # noqa: E402
from polling.models import Mail, MailboxState, MailState  # noqa: E402
from tests import journal  # noqa: E402
from webhooks.endpoints import fingerprint  # noqa: E402
from webhooks.models import Delivery, EndpointState, State  # noqa: E402

URL = "https://hook.example/x"
CRM = "https://crm.example/x"


def quiet() -> MailboxState:
    store, now = config_store(), timezone.now()
    account = {"imap_host": "i.example", "imap_user": "a@i.example", "imap_password": "x"}
    store.save(PollingConfig, PollingConfig.NAME, account)
    store.save(WebhookConfig, WebhookConfig.NAME, {"webhook_url": URL, "endpoints": ["crm"]})
    store.save(WebhookConfig, f"{WebhookConfig.NAME}:crm", {"webhook_url": CRM})
    told = {"alert_webhook_url": "https://alerts.example/x"}
    store.save(ProcessingPrefs, ProcessingPrefs.NAME, {"notify_on_failure": True, **told})
    box = MailboxState.of(find_account(store, "default"))
    box.uidvalidity = 7
    box.save()
    box.note_connected(now - timedelta(minutes=30))
    # Searched for as long as the test lasts.
    box.note_searched(now + timedelta(minutes=30))
    journal.fill(box, 96, now - timedelta(hours=1), step=timedelta(minutes=10))
    Delivery.objects.exclude(state=State.DELIVERED).update(
        state=State.DELIVERED, settled_at=now, reason=""
    )
    return box


def trouble(box: MailboxState) -> None:
    now = timezone.now()
    dead, waiting = Delivery.objects.order_by("-id")[:2]
    Delivery.objects.filter(pk=dead.pk).update(state=State.DEAD, reason="HTTP 404", settled_at=now)
    Delivery.objects.filter(pk=waiting.pk).update(
        state=State.RETRY, endpoint="crm", settled_at=None
    )
    EndpointState.objects.create(
        endpoint="crm", fingerprint=fingerprint(CRM),
        paused="the endpoint answered 410 Gone: resume it among the endpoint states of the admin, "
        "or give it a new address",
    )  # fmt: skip
    EndpointState.objects.create(
        endpoint="default", fingerprint=fingerprint(URL), failures=6, last_error="HTTP 503",
        failing_since=now - timedelta(hours=1),
    )  # fmt: skip
    Mail.objects.create(
        mailbox=box, uidvalidity=7, uid=9999, state=MailState.QUARANTINED, seen_at=now
    )
    rules = {"rules": [{"name": "Invoices", "endpoint": "books"}]}
    config_store().save(RoutingRules, RoutingRules.NAME, rules)
    box.note_trouble("IMAP login failed: no", "authentication", now + timedelta(minutes=40))


if __name__ == "__main__":
    mailbox = MailboxState.objects.first() or quiet()
    if "trouble" in sys.argv:
        trouble(mailbox)
