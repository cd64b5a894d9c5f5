from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.render_signal.doctor.patient import Patient
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.redis import RedisServer

ALERTS = {"notify_on_failure": True, "alert_webhook_url": "https://alerts.example/x"}


@pytest.fixture
def lasting_redis(redis_server: RedisServer, redis_url: str) -> Iterator[str]:
    """A Redis that keeps a journal on disk, as one should, and who is told of alerts."""
    with redis_server.client() as client:
        client.config_set("appendonly", "yes")
        client.set("r:ss:config:processing_prefs", json.dumps(ALERTS))
    yield redis_url
    redis_server.heal()
    with redis_server.client() as client:
        client.config_set("appendonly", "no")


@pytest.fixture
def patient(
    make_runpoller: MakeRunpoller,
    mailbox: Mailbox,
    endpoint: Endpoint,
    lasting_redis: str,
    postgres_url: str,
) -> Patient:
    """Well, on PostgreSQL and Redis; nothing runs yet."""
    variables = {"REDIS_URL": lasting_redis, "DATABASE_URL": postgres_url}
    return Patient(make_runpoller, mailbox, endpoint, variables)


@pytest.fixture
def small_patient(
    make_runpoller: MakeRunpoller, mailbox: Mailbox, endpoint: Endpoint, lasting_redis: str
) -> Patient:
    """The same on SQLite."""
    return Patient(make_runpoller, mailbox, endpoint, {"REDIS_URL": lasting_redis})
