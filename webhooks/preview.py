"""What would be sent for a message, and where: nothing is queued, nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.documents import RoutingRules, WebhookConfig, endpoint_document
from configstore.rules import Rule
from configstore.store import ConfigStore
from webhooks.client import CONTENT_TYPES
from webhooks.destinations import NOT_LISTED, Destination, destinations
from webhooks.endpoints import webhook_id
from webhooks.messages import Message
from webhooks.payload import render
from webhooks.routing import Route, Trial, routes, trials

MASKED = "…"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One delivery. headers are masked where their value is a secret or is made when it is sent;
    waits says why it would not leave now, "" if it would."""

    endpoint: str
    host: str
    headers: Mapping[str, str]
    payload: str
    waits: str
    described: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the rules say of a message: all of them in the order in which they are tried, with
    None for one that is switched off."""

    trials: list[tuple[Rule, Trial | None]]
    previews: list[Preview]


def outcome(
    store: ConfigStore, message: Message, rules: RoutingRules, zone: ZoneInfo, now: datetime
) -> Outcome:
    """Raises ConfigurationUnknown."""
    tried = trials(message, rules)
    chosen = routes(tried, rules)
    found = {
        each.name: each
        for each in destinations(store, zone, now, [route.endpoint for route in chosen])
    }
    done = iter(tried)
    in_order = sorted(rules.rules, key=lambda rule: rule.priority)
    return Outcome(
        trials=[(rule, next(done) if rule.enabled else None) for rule in in_order],
        previews=[_preview(store, message, route, found[route.endpoint]) for route in chosen],
    )


def _preview(
    store: ConfigStore, message: Message, route: Route, destination: Destination
) -> Preview:
    config = store.get(WebhookConfig, endpoint_document(route.endpoint))
    name = webhook_id(message.id, route.endpoint)
    reason = destination.pause.reason if destination.pause else ""
    return Preview(
        endpoint=route.endpoint,
        host=destination.endpoint.host if destination.endpoint else "",
        headers={
            "Content-Type": CONTENT_TYPES[config.webhook_delivery_mode],
            "X-Source": "render-signal-server",
            "webhook-id": name,
            "webhook-timestamp": MASKED,
            "webhook-signature": MASKED,
            **dict.fromkeys(config.webhook_headers, MASKED),
        },
        payload=json.dumps(
            render(message, name, config, route.fields), ensure_ascii=False, indent=2
        ),
        waits=reason,
        described=reason != NOT_LISTED,
    )
