"""Endpoints that cannot be used: nothing is lost by it, and people are told."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import enqueue as enqueue_at
from tests.webhooks.relay import Relay
from webhooks.models import Attempt, Delivery, State

pytestmark = pytest.mark.django_db


def enqueue(*names: str) -> None:
    enqueue_at(*names, at=timezone.now())


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.ERROR]


@pytest.mark.parametrize("url", ["https://10.0.0.1/s3cret", "https://hook.example.com:22/s3cret"])
def test_a_slip_in_the_url_costs_no_mail(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    relay.configure(webhook_url=url)
    enqueue("a", "b")
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    (error,) = errors(caplog)
    assert error.startswith("Deliveries wait: the webhook URL cannot be used: ")
    assert "s3cret" not in error
    assert not Attempt.objects.exists()
    relay.configure()
    relay.until(lambda: states() == {State.DELIVERED})


def test_an_address_that_only_a_look_up_shows_is_final_once_and_holds_what_comes(
    relay: Relay,
    endpoint: Endpoint,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("10.0.0.0/8")]
    relay.configure(webhook_url=f"https://localhost:{endpoint.tls_port}/s3cret")
    enqueue("a")
    relay.until(lambda: states() == {State.DEAD} and len(errors(caplog)) == 2)
    enqueue("b", "c")
    relay.dispatcher.step(timezone.now())
    dead, held = errors(caplog)
    assert dead.startswith("Given up webhook_id=")
    assert held.startswith("Deliveries wait: ")
    assert all("localhost is at" in error and "s3cret" not in error for error in (dead, held))
    assert states() == {State.DEAD, State.QUEUED}
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    relay.configure()
    relay.until(lambda: states() == {State.DEAD, State.DELIVERED})
    assert Delivery.objects.filter(state=State.DELIVERED).count() == 2


def test_an_endpoint_that_is_gone_is_told_once(
    relay: Relay, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(Answer(status=410))
    enqueue("a")
    relay.until(lambda: bool(errors(caplog)))
    for _ in range(3):
        relay.dispatcher.step(timezone.now())
    (error,) = errors(caplog)
    assert error.startswith("Deliveries wait: the endpoint answered 410 Gone: resume it")
