"""The body of a webhook. Field names are the contract with receivers; none may change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from configstore.documents import WebhookConfig
from webhooks.messages import Link, Message

PREVIEW_CHARACTERS = 200
EMPTY: Mapping[str, str | None] = MappingProxyType({})
Payload = dict[str, Any]


def render(
    message: Message,
    webhook_id: str,
    config: WebhookConfig,
    fields: Mapping[str, str | None] = EMPTY,
) -> Payload:
    """Every top-level field is present, None when unknown: Make.com learns from one sample.
    fields are those of the rules, beside the mail's own (PAYLOAD_FIELDS)."""
    dropbox = [link.raw_url for link in message.links if link.provider == "dropbox"]
    return {
        # Named after Microsoft Graph by the former application; receivers match on it.
        "microsoft_graph_email_id": message.id,
        "subject": message.subject,
        "receivedDateTime": message.sent or message.received_at.isoformat(),
        "sender_address": message.sender,
        "sender_email": message.sender_email,
        "bodyPreview": message.text[:PREVIEW_CHARACTERS],
        "email_content": message.text,
        "delivery_links": [_link(link) for link in message.links],
        "first_direct_download_url": next(
            (link.direct_url for link in message.links if link.direct_url), None
        ),
        "dropbox_urls": dropbox,
        "dropbox_first_url": dropbox[0] if dropbox else None,
        "webhooks_time_start": config.webhook_time_start,
        "webhooks_time_end": config.webhook_time_end,
        "event_id": webhook_id,
        **fields,
    }


def _link(link: Link) -> Payload:
    return {"provider": link.provider, "raw_url": link.raw_url, "direct_url": link.direct_url}


def encode_json(payload: Payload) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def encode_form(payload: Payload) -> bytes:
    """application/x-www-form-urlencoded: null is an empty field, lists are JSON text."""
    return urlencode({name: _form_value(value) for name, value in payload.items()}).encode()


def _form_value(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
