"""From rows in the database to what people are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.webhooks.alerts.watching import Watched, tried, watched
from tests.webhooks.examples import (
    FAILED,
    GONE,
    NOW,
    OK,
    TOO_LARGE,
    after,
    endpoint,
    enqueue,
    hand_over,
    message,
)
from webhooks import interventions
from webhooks.alerts import raising
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.trouble import Channel, Sight
from webhooks.client import Client
from webhooks.models import Delivery, EndpointState

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
URL = "https://hook.example.com/secret-path"
MINUTES = 60.0
HOURS = 3600.0
DAYS = 24 * HOURS


@pytest.fixture
def relay(client: Client, settings: LazySettings) -> Iterator[Watched]:
    """With an alert webhook that cannot be reached: rows are what these tests look at."""
    settings.EGRESS_ALLOWED_CIDRS = []
    with watched(URL, "https://127.0.0.1/nobody") as relay:
        yield relay


def notice() -> Notice:
    return Notice.objects.latest("pk")


def failing(relay: Watched, at: float = 0.0) -> None:
    tried(endpoint(), *[FAILED] * 4, at=after(at))


def test_a_relay_that_is_well_tells_nothing(relay: Watched) -> None:
    enqueue("a", "b")
    tried(endpoint(), OK, FAILED)
    assert relay.look() == []
    assert not Alert.objects.exists()


def test_nothing_is_told_while_nobody_asked_for_it(relay: Watched) -> None:
    relay.configure(processing_prefs={"notify_on_failure": False})
    enqueue("a")
    failing(relay)
    assert relay.look() == []
    relay.configure(processing_prefs={"notify_on_failure": True})
    assert relay.look() == ["failing"]


def test_dead_deliveries_are_told_once_an_hour_with_those_since(relay: Watched) -> None:
    enqueue(*"abcd")
    tried(endpoint(), TOO_LARGE)
    assert relay.look(after(10)) == ["dead"]
    assert (notice().count, "HTTP 413." in notice().sentence) == (1, True)
    tried(endpoint(), TOO_LARGE, TOO_LARGE, at=after(20))
    assert relay.look(after(40)) == []
    tried(endpoint(), TOO_LARGE, at=after(50 * MINUTES))
    assert relay.look(after(10 + HOURS)) == ["dead"]
    assert (notice().count, notice().sentence.split(" to ")[0]) == (3, "3 deliveries")
    assert Alert.objects.get().count == 4
    assert relay.look(after(20 + 2 * HOURS)) == []
    assert Alert.objects.get().cleared_at is None
    Delivery.objects.update(state="cancelled", settled_at=after(30 + 2 * HOURS))
    assert relay.look(after(40 + 2 * HOURS)) == []
    assert Alert.objects.get().cleared_at == after(40 + 2 * HOURS)
    enqueue("e", at=after(3 * HOURS))
    tried(endpoint(), TOO_LARGE, at=after(3 * HOURS))
    assert relay.look(after(3 * HOURS + 30)) == ["dead"]
    assert (notice().count, Alert.objects.count()) == (1, 2)


def test_what_died_long_before_anybody_asked_is_not_told(relay: Watched) -> None:
    enqueue("a")
    tried(endpoint(), TOO_LARGE)
    assert relay.look(after(2 * DAYS)) == []


def test_a_death_that_is_committed_late_is_told_by_the_next_look(relay: Watched) -> None:
    enqueue("a", "b")
    tried(endpoint(), TOO_LARGE, at=after(0))
    assert relay.look(after(10)) == ["dead"]
    tried(endpoint(), TOO_LARGE, at=after(9))  # before that look, and seen only now
    assert relay.look(after(10 + HOURS)) == ["dead"]
    assert notice().count == 1


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


def test_a_url_that_cannot_be_used_is_told_even_during_an_absence(relay: Watched) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    absence = {"absence_pause_enabled": True, "absence_pause_days": days}
    relay.configure(webhook_config={"webhook_url": "https://10.0.0.1/", **absence})
    assert relay.look() == ["failing"]
    assert "10.0.0.1" in notice().sentence
    assert relay.look(after(2 * HOURS)) == []
    assert relay.look(after(DAYS)) == ["failing"]


def test_what_waits_too_long_is_told_although_nothing_holds_it(relay: Watched) -> None:
    enqueue("a")
    assert relay.look() == []
    assert relay.look(after(15 * MINUTES)) == []
    assert relay.look(after(16 * MINUTES)) == ["overdue"]
    assert relay.look(after(17 * MINUTES)) == []
    tried(endpoint(), OK, at=after(18 * MINUTES))
    assert relay.look(after(19 * MINUTES)) == []
    assert Alert.objects.get().cleared_at == after(19 * MINUTES)


def test_what_was_sent_again_waits_since_then(relay: Watched) -> None:
    enqueue("a")
    tried(endpoint(), TOO_LARGE)
    relay.look(after(1))
    relay.look(after(58 * MINUTES))
    interventions.send_again(Delivery.objects.all(), after(60 * MINUTES))
    assert "overdue" not in relay.look(after(61 * MINUTES))
    assert "overdue" in relay.look(after(76 * MINUTES))


def test_a_missing_url_is_told_as_soon_as_something_has_waited_for_it(relay: Watched) -> None:
    relay.configure(webhook_config={"webhook_url": None})
    assert relay.look() == []
    enqueue("a")
    assert relay.look(after(16 * MINUTES)) == ["overdue"]
    assert "no webhook URL is set" in notice().sentence


@pytest.mark.parametrize(
    "hold",
    [
        {"webhook_config": {"webhook_sending_enabled": False}},
        {"webhook_config": {"webhook_time_start": "01:00", "webhook_time_end": "02:00"}},
        {"webhook_config": {"absence_pause_enabled": True, "absence_pause_days": ["friday"]}},
        {"processing_prefs": {"rate_limit_per_hour": 1}},
    ],
    ids=["off", "window", "absence", "limit"],
)
def test_what_is_held_on_purpose_is_no_alarm_nor_right_after(
    relay: Watched, hold: dict[str, dict[str, object]]
) -> None:
    enqueue("a", "b")
    tried(endpoint(), OK, at=after(-60))
    normal = {name: dict.fromkeys(fields) for name, fields in hold.items()}
    relay.configure(**hold)
    assert [relay.look(after(minute * MINUTES)) for minute in range(0, 50, 10)] == [[]] * 5
    usual: dict[str, dict[str, object]] = {
        "webhook_config": {
            "webhook_sending_enabled": True,
            "absence_pause_enabled": False,
            "webhook_time_start": None,
            "webhook_time_end": None,
        },
        "processing_prefs": {"rate_limit_per_hour": 0},
    }
    relay.configure(**{name: usual[name] for name in normal})
    assert relay.look(after(54 * MINUTES)) == []
    assert relay.look(after(56 * MINUTES)) == ["overdue"]


def test_each_endpoint_has_alerts_of_its_own(relay: Watched) -> None:
    relay.configure(
        webhook_config={"endpoints": ["sales"]},
        webhook_config__sales={"webhook_url": "https://sales.example.com/"},
    )
    enqueue("a")
    failing(relay)
    sales = endpoint("https://sales.example.com/", id="sales")
    Delivery.objects.filter(message_id="a").update(state="cancelled", settled_at=NOW)
    rules = {"rules": [{"name": "x", "endpoint": "sales"}]}
    hand_over(
        message("b"),
        webhook_config={"endpoints": ["sales"]},
        webhook_config__sales={},
        routing_rules=rules,
    )
    tried(sales, TOO_LARGE)
    assert relay.look(after(30)) == ["failing", "dead"]
    assert {(each.kind, each.endpoint) for each in Alert.objects.all()} == {
        ("failing", "default"),
        ("dead", "sales"),
    }


def test_an_endpoint_that_leaves_the_list_ends_its_alert_in_silence(relay: Watched) -> None:
    relay.configure(
        webhook_config={"endpoints": ["sales"]},
        webhook_config__sales={"webhook_url": "https://10.0.0.1/"},
    )
    assert relay.look() == ["failing"]
    relay.configure(webhook_config={"endpoints": []})
    assert relay.look(after(30)) == []
    assert Alert.objects.get().cleared_at == after(30)


def test_a_second_process_tells_nothing_again(relay: Watched) -> None:
    enqueue("a")
    failing(relay)
    assert relay.look() == ["failing"]
    relay.restart()
    assert relay.look(NOW + timedelta(seconds=1)) == []


@pytest.mark.usefixtures("committed_database")
def test_of_threads_that_see_the_same_one_tells_it() -> None:
    """In each round each of them sees it, a day after the round before; then that it is over."""
    seen = [Sight(endpoint=name, failures=9, dead=1) for name in ("default", "sales")]
    start = threading.Barrier(4)

    def work() -> None:
        for day in range(5):
            start.wait()
            raising.weigh(seen, list(Channel), PARIS, after(day * DAYS))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Alert.objects.count() == 4
    assert Notice.objects.count() == 5 * 4 * 2
