"""What an operator reads of holds and of tries that failed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import enqueue as enqueue_at
from tests.webhooks.relay import Relay
from webhooks.client import Client
from webhooks.destinations import Destination
from webhooks.models import Attempt, Delivery, EndpointState, State
from webhooks.pause import NO_URL, Pause
from webhooks.report import Report

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")


def enqueue(*names: str) -> None:
    enqueue_at(*names, at=timezone.now())


def row() -> Delivery:
    return Delivery.objects.get()


def paris(moment: datetime) -> str:
    return moment.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S Europe/Paris")


@pytest.fixture
def relay(
    client: Client, endpoint: Endpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Relay]:
    caplog.set_level(logging.INFO, "webhooks")
    relay = Relay(tmp_path, client, endpoint.url.replace("127.0.0.1", "localhost") + "/s3cret")
    yield relay
    relay.close()


@pytest.mark.parametrize(
    ("fields", "level", "line"),
    [
        (
            {"webhook_url": None},
            logging.WARNING,
            f"Deliveries wait: {NO_URL}",
        ),
        (
            {"webhook_sending_enabled": False},
            logging.INFO,
            "Deliveries are held: sending is switched off, until it is changed",
        ),
    ],
)
def test_a_hold_is_told_once(
    relay: Relay,
    caplog: pytest.LogCaptureFixture,
    fields: dict[str, object],
    level: int,
    line: str,
) -> None:
    relay.dispatcher.step(timezone.now())
    relay.configure(**fields)
    enqueue("a")
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    assert (row().state, Attempt.objects.count()) == (State.QUEUED, 0)
    assert [(record.levelno, record.message) for record in caplog.records] == [(level, line)]


def test_a_hold_ends_at_the_time_of_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    until = datetime.fromisoformat("2026-11-21T08:00+00:00")
    pause = Pause(reason="outside the time window", until=until)
    for name in ("default", "sales"):
        Report().destination(Destination(name=name, endpoint=None, pause=pause, fault=None), PARIS)
    assert caplog.messages == [
        "Deliveries are held: outside the time window, until 2026-11-21 09:00:00 Europe/Paris",
        "Deliveries are held: outside the time window, until 2026-11-21 09:00:00 Europe/Paris"
        " endpoint=sales",
    ]


def failure(relay: Relay, caplog: pytest.LogCaptureFixture, status: int) -> tuple[int, str]:
    """How it is told that the endpoint answered so."""
    caplog.clear()
    enqueue("a")
    relay.until(lambda: any(record.levelno > logging.INFO for record in caplog.records))
    first = next(record for record in caplog.records if record.levelno > logging.INFO)
    head, _, rest = first.message.partition(f" attempt=1: HTTP {status}; ")
    kind, _, fields = head.partition(" webhook_id=")
    assert fields == f"{row().webhook_id} endpoint=default host=localhost"
    assert "s3cret" not in first.message
    return first.levelno, f"{kind}: {rest}"


def test_a_failure_names_its_next_try(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(Answer(status=503))
    told = failure(relay, caplog, 503)
    assert told == (logging.WARNING, f"Not delivered: next try at {paris(row().due_at)}")


def test_what_is_dead_is_told_in_other_words(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(Answer(status=413))
    told = failure(relay, caplog, 413)
    words = "Given up: it is dead, and can be sent again from the journal"
    assert told == (logging.ERROR, words)


def test_what_waits_for_a_person_says_so(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(Answer(status=410))
    told = failure(relay, caplog, 410)
    words = "Not delivered: it waits until the endpoint is resumed or has another address"
    assert told == (logging.WARNING, words)


def test_what_waits_for_its_endpoint_names_the_next_probe(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(Answer(status=503))
    address = relay.endpoint().fingerprint
    EndpointState.objects.create(endpoint="default", fingerprint=address, failures=4)
    _, told = failure(relay, caplog, 503)
    probe_at = EndpointState.objects.get().probe_at
    assert probe_at is not None
    assert told == f"Not delivered: it waits for the endpoint, next asked at {paris(probe_at)}"


def unchecked(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.message
        for record in caplog.records
        if record.levelno == logging.WARNING and "certificate" in record.message
    ]


def test_a_certificate_that_is_not_checked_is_told_once_for_each_change(
    relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    url = "https://hook.example.com/s3cret"
    told = []
    for fields in (
        {"webhook_url": url, "webhook_ssl_verify": False},
        {"webhook_url": url, "webhook_ssl_verify": False},
        {"webhook_url": url, "webhook_ssl_verify": True},
        {"webhook_url": url, "webhook_ssl_verify": False},
        {"webhook_url": url + "/new", "webhook_ssl_verify": False},
        {"webhook_url": url.replace("https", "http"), "webhook_ssl_verify": False},
    ):
        relay.configure(**fields)
        relay.dispatcher.step(timezone.now())
        relay.dispatcher.step(timezone.now())
        told.append(len(unchecked(caplog)))
    assert told == [1, 1, 1, 2, 3, 3]
    assert "the certificate of hook.example.com is not checked" in unchecked(caplog)[0]
    assert "s3cret" not in caplog.text
