"""Where the figures of the dashboard lead to."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from configstore.documents import WebhookConfig
from configstore.fields import DEFAULT


class Link(NamedTuple):
    label: str
    address: str


def deliveries(**query: str) -> str:
    return _list("webhooks_delivery", query)


def mails(**query: str) -> str:
    return _list("polling_mail", query)


def transfers(**query: str) -> str:
    return _list("webhooks_transfer", query)


def mailbox_states() -> str:
    return _list("polling_mailboxstate", {})


def dead_again(endpoint: str, since: datetime) -> str:
    """The page that says how many they are, and sends them again. It takes the day for one of
    the reader's time zone."""
    page = reverse("admin:webhooks_delivery_resend")
    day = timezone.localdate(since).isoformat()
    return f"{page}?{urlencode({'endpoint': endpoint, 'since': day})}"


def mail_of(message_id: str) -> str:
    return reverse("admin:polling_mail_of_message", args=[message_id])


def delivery(pk: int) -> str:
    return reverse("admin:webhooks_delivery_change", args=[pk])


def mailbox(name: str) -> str:
    return reverse("admin:configstore_mailbox_change", args=[name])


def endpoint(name: str) -> str:
    object_id = WebhookConfig.NAME if name == DEFAULT else name
    return reverse("admin:configstore_webhook_change", args=[object_id])


def endpoints() -> str:
    return _list("configstore_webhook", {})


def document(name: str) -> str:
    """The page on which it is edited."""
    kind, _, further = name.partition(":")
    models = {
        "polling_config": ("mailbox", further or DEFAULT),
        "webhook_config": ("webhook", further or kind),
        "processing_prefs": ("processing", kind),
        "routing_rules": ("routing", kind),
    }
    model, object_id = models[kind]
    return reverse(f"admin:configstore_{model}_change", args=[object_id])


def assistant() -> str:
    """Where nothing is set up yet."""
    return reverse("assistant")


def _list(model: str, query: dict[str, str]) -> str:
    page = reverse(f"admin:{model}_changelist")
    return f"{page}?{urlencode(query)}" if query else page
