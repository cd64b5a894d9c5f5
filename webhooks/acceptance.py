"""What becomes of messages that are handed over: a delivery for each endpoint of each."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from configstore.documents import RoutingRules, WebhookConfig, endpoint_document
from configstore.store import ConfigStore
from webhooks.endpoints import fingerprint, webhook_id
from webhooks.messages import Message
from webhooks.models import Delivery, State
from webhooks.payload import encode_json, render
from webhooks.receipts import Receipts
from webhooks.routing import Route, Trial, routes, trials
from webhooks.shared_files import source_of

logger = logging.getLogger(__name__)
ACCEPTED = "delivered before, as Redis remembers"


class Acceptance:
    """For one thread."""

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self._receipts = Receipts()

    def deliveries(self, messages: Iterable[Message], now: datetime) -> list[Delivery]:
        """What is to be queued, in the transaction that remembers the messages; not in it, for
        rules are tried and Redis is asked. What an endpoint has had is delivered already.

        Raises ConfigurationUnknown.
        """
        rules = self._store.get(RoutingRules)
        made: list[Delivery] = []
        for message in messages:
            tried = trials(message, rules)
            _tell_slow(message, tried)
            made += [self._delivery(message, route, now) for route in routes(tried, rules)]
        self._note_accepted(made, now)
        return made

    def _delivery(self, message: Message, route: Route, now: datetime) -> Delivery:
        name = webhook_id(message.id, route.endpoint)
        payload = render(message, name, self._config(route.endpoint), route.fields)
        return Delivery(
            message_id=message.id,
            source=message.source,
            endpoint=route.endpoint,
            webhook_id=name,
            subject=message.subject,
            sender_email=message.sender_email[:500],
            payload=encode_json(payload).decode(),
            offload=any(
                source_of(link.provider, link.raw_url, link.direct_url) for link in message.links
            ),
            received_at=message.received_at,
            created_at=now,
            due_at=now,
        )

    def _note_accepted(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        by_endpoint: dict[str, dict[str, Delivery]] = defaultdict(dict)
        for delivery in deliveries:
            by_endpoint[delivery.endpoint][delivery.webhook_id] = delivery
        for endpoint, rows in by_endpoint.items():
            url = self._config(endpoint).webhook_url
            for name in self._receipts.known(fingerprint(url), list(rows)) if url else ():
                row = rows[name]
                row.state, row.reason, row.settled_at = State.DELIVERED, ACCEPTED, now
                row.offload = False

    def _config(self, endpoint: str) -> WebhookConfig:
        return self._store.get(WebhookConfig, endpoint_document(endpoint))


def _tell_slow(message: Message, tried: Iterable[Trial]) -> None:
    for trial in tried:
        if trial.slow:
            logger.warning(
                "Rule %r: a regular expression took too long on message_id=%s and counts as not "
                "met; make it simpler",
                trial.rule.name,
                message.id,
            )
