"""The loop in a thread of its own, on a database as the product has it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.webhooks.examples import enqueue
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.models import Delivery, State

# How long a writer waits for another.
IMPATIENT = {"sqlite": {"timeout": 0.5}, "postgres": {"options": "-c lock_timeout=500"}}


@pytest.fixture
def relay(
    client: Client, endpoint: Endpoint, committed_database: str, tmp_path: Path, database: str
) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    connections.settings["default"]["OPTIONS"] |= IMPATIENT[database]

    def run() -> None:
        try:
            relay.dispatcher.run()
        finally:
            connection.close()

    loop = threading.Thread(target=run, name="dispatcher")
    loop.start()
    yield relay
    relay.stop.set()
    loop.join(10)
    relay.close()


@contextlib.contextmanager
def database_locked(url: str) -> Iterator[None]:
    """Another program writes, and does not come to an end."""
    other: sqlite3.Connection | psycopg.Connection
    if url.startswith("sqlite:"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
    else:
        other = psycopg.connect(url)
        other.execute("LOCK TABLE webhooks_delivery IN ACCESS EXCLUSIVE MODE")
    with contextlib.closing(other):
        yield
        other.rollback()


def wait_for(state: State, count: int = 1, seconds: float = 8.0) -> None:
    ends = time.monotonic() + seconds
    while Delivery.objects.filter(state=state).count() < count:
        assert time.monotonic() < ends, list(Delivery.objects.values_list("state", flat=True))
        time.sleep(0.02)


def test_whoever_queues_wakes_the_loop(relay: Relay, endpoint: Endpoint) -> None:
    time.sleep(0.1)  # it sleeps by now
    enqueue("a", at=timezone.now())
    begun = time.monotonic()
    relay.dispatcher.wake.set()
    endpoint.wait_for(1)
    assert time.monotonic() - begun < 0.5


def test_a_stop_ends_the_loop_at_once_and_leaves_what_is_under_way_to_the_drain(
    relay: Relay, endpoint: Endpoint
) -> None:
    endpoint.answer(HANG)
    enqueue("a", at=timezone.now())
    relay.dispatcher.wake.set()
    endpoint.wait_for(1)
    begun = time.monotonic()
    relay.stop.set()
    for thread in threading.enumerate():
        if thread.name == "dispatcher":
            thread.join(5)
    assert time.monotonic() - begun < 1
    assert Delivery.objects.get().state == State.SENDING


def test_a_database_that_is_locked_does_not_end_the_loop(
    relay: Relay, endpoint: Endpoint, committed_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("a", at=timezone.now())
    endpoint.answer(Answer(delay=0.3))
    relay.dispatcher.wake.set()
    endpoint.wait_for(1)
    with database_locked(committed_database):
        time.sleep(1.5)
    wait_for(State.DELIVERED)
    enqueue("b", at=timezone.now())
    relay.dispatcher.wake.set()
    wait_for(State.DELIVERED, 2)
    assert "The database failed; deliveries go on in 2 s" in caplog.messages
    assert len(endpoint.requests) == 2
