from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.render_signal.doctor.patient import Patient
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeRunpoller
from tests.servers.mailbox import Mailbox
from tests.servers.redis import RedisServer


@pytest.fixture
def lasting_redis(redis_server: RedisServer, redis_url: str) -> Iterator[str]:
    """A Redis that keeps a journal on disk, as one should."""
    with redis_server.client() as client:
        client.config_set("appendonly", "yes")
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
