"""People are told of deliveries that wait too long, and of none that is held on purpose."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.webhooks.alerts.watching import MINUTES, Watched, notice, tried
from tests.webhooks.examples import (
    OK,
    TOO_LARGE,
    after,
    endpoint,
    enqueue,
)
from webhooks import interventions
from webhooks.alerts.models import Alert
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


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
