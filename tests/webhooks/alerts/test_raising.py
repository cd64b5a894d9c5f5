"""From rows in the database to what people are told."""

from __future__ import annotations

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.webhooks.alerts.watching import DAYS, HOURS, MINUTES, Watched, failing, notice, tried
from tests.webhooks.examples import (
    FAILED,
    NOW,
    OK,
    TOO_LARGE,
    after,
    endpoint,
    enqueue,
    hand_over,
    message,
)
from webhooks.alerts import raising
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.trouble import Channel, Sight
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


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


def test_a_url_that_cannot_be_used_is_told_even_during_an_absence(relay: Watched) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    absence = {"absence_pause_enabled": True, "absence_pause_days": days}
    relay.configure(webhook_config={"webhook_url": "https://10.0.0.1/", **absence})
    assert relay.look() == ["failing"]
    assert "10.0.0.1" in notice().sentence
    assert relay.look(after(2 * HOURS)) == []
    assert relay.look(after(DAYS)) == ["failing"]


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
