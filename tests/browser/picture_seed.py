"""Fills the journal of the web process beside it for the pictures of the documentation: a quiet
day, a mail whose receiver was away at first, and two rules."""

from __future__ import annotations

import uuid
from datetime import timedelta

import django

django.setup()

# What follows needs the settings.
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from configstore.declared import config_store  # noqa: E402
from configstore.documents import RoutingRules  # noqa: E402
from polling.models import Mail  # noqa: E402
from tests.browser.dashboard_seed import quiet  # noqa: E402
from webhooks.models import Attempt, Delivery, Outcome  # noqa: E402

LOT = 90
RULES = [
    {
        "name": "Invoices",
        "priority": 10,
        "conditions": [{"field": "subject", "test": "contains", "value": "invoice"}],
        "endpoint": "crm",
    },
    {
        "name": "Retouching",
        "priority": 20,
        "conditions": [
            {"field": "body", "test": "regex", "value": r"due at (?P<delivery_time>\d{1,2}h)"}
        ],
        "fields": {"detector": "retouching"},
    },
]


def one_that_was_tried_again() -> None:
    delivery = Delivery.objects.get(message_id=f"{LOT:040x}")
    Attempt.objects.filter(delivery=delivery).delete()
    began = delivery.created_at
    for number, (minutes, status) in enumerate([(0, 503), (0.1, 503), (5, 200)], 1):
        Attempt.objects.create(
            delivery=delivery, number=number, token=uuid.uuid4(),
            started_at=began + timedelta(minutes=minutes),
            ended_at=began + timedelta(minutes=minutes, seconds=0.4),
            outcome=Outcome.DELIVERED if status == 200 else Outcome.FAILED, status=status,
            error="" if status == 200 else f"HTTP {status}",
            answer="Accepted" if status == 200 else '{"error": "scenario is not active"}',
        )  # fmt: skip
    delivery.attempts, delivery.settled_at = 3, began + timedelta(minutes=5, seconds=0.4)
    delivery.save()
    Mail.objects.filter(message_id=delivery.message_id).update(settled_at=delivery.settled_at)


quiet().note_searched(timezone.now())
Attempt.objects.update(ended_at=F("started_at") + timedelta(seconds=0.18))
one_that_was_tried_again()
config_store().save(RoutingRules, RoutingRules.NAME, {"rules": RULES})
