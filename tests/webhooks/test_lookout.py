"""How often the endpoints are looked at by who sends to them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.lookout import AGAIN_SECONDS, Lookout

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("UTC")


def test_a_moment_later_nothing_is_asked_and_then_all_is_seen_anew(
    client: Client, endpoint: Endpoint, tmp_path: Path
) -> None:
    relay = Relay(tmp_path, client, endpoint.url)
    lookout, now = Lookout(relay.store), timezone.now()
    assert [each.pause for each in lookout.look(ZONE, now)] == [None]
    relay.configure(webhook_sending_enabled=False)
    with CaptureQueriesContext(connection) as queries:
        assert [each.pause for each in lookout.look(ZONE, now)] == [None]
    assert len(queries) == 0
    (seen,) = lookout.look(ZONE, now + timedelta(seconds=AGAIN_SECONDS))
    assert seen.pause is not None
    relay.configure()
    lookout.forget()
    (seen,) = lookout.look(ZONE, now + timedelta(seconds=AGAIN_SECONDS))
    assert seen.pause is None
    relay.close()
