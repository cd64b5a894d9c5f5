"""People are told of an endpoint that fails, and of its recovery."""

from __future__ import annotations

import pytest

from tests.webhooks.alerts.watching import Watched, failing, tried
from tests.webhooks.examples import (
    FAILED,
    GONE,
    NOW,
    OK,
    after,
    endpoint,
    enqueue,
)
from webhooks import interventions
from webhooks.alerts.models import Alert, Notice
from webhooks.models import EndpointState

pytestmark = pytest.mark.django_db
MINUTES = 60.0
HOURS = 3600.0
DAYS = 24 * HOURS


def notice() -> Notice:
    return Notice.objects.latest("pk")


def test_an_endpoint_that_fails_is_told_and_its_recovery_too(relay: Watched) -> None:
    enqueue("a", "b")
    failing(relay)
    assert relay.look(after(30)) == ["failing"]
    assert "HTTP 503" in notice().sentence
    assert "secret-path" not in notice().sentence
    assert relay.look(after(60)) == []
    tried(endpoint(), OK, at=after(70))
    assert relay.look(after(90)) == ["recovered"]
    alert = Alert.objects.get()
    assert (alert.since, alert.cleared_at) == (NOW, after(90))
    assert relay.look(after(120)) == []


def test_an_endpoint_that_lasts_in_failing_is_told_once_a_day(relay: Watched) -> None:
    enqueue("a")
    failing(relay)
    told = []
    for hour in range(73):
        tried(endpoint(), FAILED, at=after(hour * HOURS))
        told += relay.look(after(hour * HOURS))
    assert told.count("failing") == 4
    assert Alert.objects.filter(kind="failing").count() == 1


def test_an_endpoint_that_comes_and_goes_is_told_once_an_hour(relay: Watched) -> None:
    told = []
    for minute in range(0, 180, 2):
        enqueue(f"mail-{minute}", at=after(minute * MINUTES))
        failing(relay, minute * MINUTES)
        told += relay.look(after(minute * MINUTES + 10))
        tried(endpoint(), OK, at=after(minute * MINUTES + 20))
        told += relay.look(after(minute * MINUTES + 30))
    assert told == ["failing", "recovered"] * 3


def test_a_recovery_from_what_nobody_was_told_is_not_told(relay: Watched) -> None:
    enqueue("a", "b")
    failing(relay)
    relay.look()
    tried(endpoint(), OK, at=after(10))
    assert relay.look(after(30)) == ["recovered"]
    tried(endpoint(), *[FAILED] * 4, at=after(60))
    assert relay.look(after(70)) == []
    tried(endpoint(), OK, at=after(80))
    assert relay.look(after(90)) == []
    assert not Alert.objects.filter(cleared_at=None).exists()


def test_an_endpoint_that_was_only_resumed_has_not_recovered(relay: Watched) -> None:
    enqueue("before", "a", at=after(-60))
    tried(endpoint(), OK, at=after(-30))
    tried(endpoint(), GONE)
    assert relay.look(after(30)) == ["failing"]
    assert "410 Gone" in notice().sentence
    interventions.resume(EndpointState.objects.all(), after(60))
    assert relay.look(after(60)) == []
    tried(endpoint(), OK, at=after(70))
    assert relay.look(after(90)) == ["recovered"]


def test_a_new_address_that_fails_as_well_is_told_after_an_hour(relay: Watched) -> None:
    other = "https://other.example.com/secret-path"
    enqueue("a")
    failing(relay)
    assert relay.look() == ["failing"]
    relay.configure(webhook_config={"webhook_url": other})
    assert relay.look(after(30)) == []
    tried(endpoint(other), *[FAILED] * 4, at=after(10 * MINUTES))
    assert "failing" not in relay.look(after(59 * MINUTES))
    assert relay.look(after(HOURS)) == ["failing"]
    assert "other.example.com" in notice().sentence
