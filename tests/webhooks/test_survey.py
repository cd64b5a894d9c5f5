"""How often it is asked how the endpoints are, and what is due for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.webhooks.examples import enqueue
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.models import Delivery
from webhooks.survey import AGAIN_SECONDS, Survey

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("UTC")


def test_a_moment_later_nothing_is_asked_and_then_all_is_seen_anew(
    client: Client, endpoint: Endpoint, tmp_path: Path
) -> None:
    relay = Relay(tmp_path, client, endpoint.url)
    survey, now = Survey(relay.store), timezone.now()
    assert [each.pause for each in survey.destinations(ZONE, now)] == [None]
    relay.configure(webhook_sending_enabled=False)
    with CaptureQueriesContext(connection) as queries:
        assert [each.pause for each in survey.destinations(ZONE, now)] == [None]
    assert len(queries) == 0
    (seen,) = survey.destinations(ZONE, now + timedelta(seconds=AGAIN_SECONDS))
    assert seen.pause is not None
    relay.configure()
    survey.forget()
    (seen,) = survey.destinations(ZONE, now + timedelta(seconds=AGAIN_SECONDS))
    assert seen.pause is None
    relay.close()


def test_what_is_due_is_asked_once_for_each_endpoint(
    client: Client, endpoint: Endpoint, tmp_path: Path
) -> None:
    relay = Relay(tmp_path, client, endpoint.url)
    survey, now = Survey(relay.store), timezone.now()
    to = relay.endpoint()
    assert survey.next_due(to, None) is None
    enqueue("a", at=now)
    assert survey.next_due(to, None) is None
    survey.forget_due(to)
    assert survey.next_due(to, None) == now
    Delivery.objects.all().delete()
    survey.destinations(ZONE, now)
    assert survey.next_due(to, None) is None
    relay.close()
