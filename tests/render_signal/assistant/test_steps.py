"""What the assistant takes as done."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.utils import timezone

from configstore.store import ConfigStore
from render_signal.assistant.steps import next_step, nothing_relayed_yet, steps
from tests import journal
from tests.configstore.admin.stores import Stores
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db


def done(store: ConfigStore) -> list[str]:
    return [step.id for step in steps(store) if step.done]


def test_at_first_nothing_is(stores: Stores) -> None:
    assert done(stores.store) == []
    assert next_step(steps(stores.store)).id == "mailbox"
    assert nothing_relayed_yet(stores.store)


def test_the_documents_say_what_is(described: Stores) -> None:
    assert done(described.store) == ["mailbox", "endpoint"]
    assert next_step(steps(described.store)).id == "senders"
    assert not nothing_relayed_yet(described.store)


def test_the_environment_counts_too(stores: Stores, settings: LazySettings) -> None:
    settings.IMAP_SERVER, settings.EMAIL_ADDRESS = "imap.example", "ada@studio.example"
    settings.EMAIL_PASSWORD = "secret"
    assert steps(stores.store)[0].detail == "ada@studio.example"


def test_every_sender_is_a_decision_once_it_is_stored(described: Stores) -> None:
    described.redis.documents["polling_config"]["sender_of_interest_for_polling"] = []
    assert "senders" in done(described.store)
    assert steps(described.store)[2].detail == "every sender"


def test_a_webhook_that_has_arrived_is_the_proof(described: Stores) -> None:
    journal.fill(journal.mailbox(), 1, timezone.now())
    Delivery.objects.update(state=State.DELIVERED)
    assert "trial" in done(described.store)
    assert "finish" not in done(described.store)
    alerts = {"notify_on_failure": True}
    described.redis.documents["processing_prefs"] = alerts
    described.now += 60
    assert "finish" not in done(described.store)
    told = {**alerts, "alert_webhook_url": "https://alerts.example/x"}
    described.redis.documents["processing_prefs"] = told
    described.now += 60
    assert "finish" not in done(described.store), "the senders are not decided yet"
    described.redis.documents["polling_config"]["sender_of_interest_for_polling"] = []
    described.now += 60
    assert "finish" in done(described.store)


def test_no_step_shows_what_follows_the_host(described: Stores) -> None:
    assert "/x" not in steps(described.store)[1].detail
