"""What becomes of messages that are handed over."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import override_settings

from configstore.backends.base import JSONObject
from tests.webhooks.examples import NOW, after, claim, hand_over, link, message
from webhooks import journal
from webhooks.endpoints import fingerprint, webhook_id
from webhooks.models import Delivery, State
from webhooks.receipts import Receipts

pytestmark = pytest.mark.django_db
URL = "https://hook.example.com/x"


def rule(endpoint: str = "sales", **fields: object) -> JSONObject:
    condition = {"field": "subject", "test": "contains", "value": "lot"}
    return {"name": "a rule", "endpoint": endpoint, "conditions": [condition], **fields}


def sent_to() -> dict[str, str]:
    return dict(Delivery.objects.values_list("endpoint", "webhook_id"))


def test_a_message_of_two_endpoints_has_a_delivery_with_an_id_for_each() -> None:
    rules = {"rules": [rule(stop=False), rule("default")]}
    hand_over(message("a"), routing_rules=rules)
    assert sent_to() == {name: webhook_id("a", name) for name in ("sales", "default")}
    assert journal.settled({"a"}) == {}
    Delivery.objects.filter(endpoint="sales").update(state=State.DELIVERED)
    assert journal.settled({"a"}) == {}
    Delivery.objects.update(state=State.DELIVERED)
    assert journal.settled({"a"}) == {"a": True}


def test_fields_and_times_are_those_of_the_endpoint() -> None:
    sales = {"webhook_time_start": "08:00", "webhook_time_end": "18:00"}
    own, other = rule(fields={"detector": "recadrage"}), rule("default", fields={"other": "x"})
    hand_over(message("a"), routing_rules={"rules": [own, other]}, webhook_config__sales=sales)
    payload = json.loads(Delivery.objects.get(endpoint="sales").payload)
    assert (payload["detector"], payload["webhooks_time_start"]) == ("recadrage", "08:00")
    assert "other" not in payload


def test_what_was_accepted_before_is_written_down_and_not_sent(redis_url: str) -> None:
    with override_settings(REDIS_URL=redis_url):
        Receipts().note([(fingerprint(URL), webhook_id("a", "default"))])
        messages = [message("a", links=(link(),)), message("b")]
        hand_over(*messages, webhook_config={"webhook_url": URL})
    row = Delivery.objects.get(message_id="a")
    assert (row.state, row.offload, row.settled_at) == (State.DELIVERED, False, NOW)
    assert row.reason == "delivered before, as Redis remembers"
    assert journal.settled({"a", "b"}) == {"a": True}
    assert [got.message_id for got in claim()] == ["b"]


def test_what_waits_here_is_sent_whatever_is_remembered_elsewhere(redis_url: str) -> None:
    """A person may have asked for it."""
    hand_over(message("a"), webhook_config={"webhook_url": URL})
    with override_settings(REDIS_URL=redis_url):
        Receipts().note([(fingerprint(URL), webhook_id("a", "default"))])
        hand_over(message("a"), at=after(5), webhook_config={"webhook_url": URL})
    assert [got.message_id for got in claim(at=after(5))] == ["a"]


def test_a_rule_that_takes_too_long_is_told_and_keeps_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow = {"field": "body", "test": "regex", "value": "(a|aa)+$"}
    rules = {"rules": [rule(conditions=[slow])]}
    with caplog.at_level(logging.WARNING):
        hand_over(message("a", text="a" * 200 + "!"), routing_rules=rules)
    assert list(sent_to()) == ["default"]
    (line,) = caplog.messages
    assert line.startswith("Rule 'a rule': a regular expression took too long on message_id=a ")
