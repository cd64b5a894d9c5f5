"""What /health says of the work: mailboxes that are served with less, deliveries that wait."""

from __future__ import annotations

import pytest
from django.utils import timezone

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
