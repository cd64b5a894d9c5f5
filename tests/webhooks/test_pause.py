from __future__ import annotations

import logging
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from configstore.documents import WebhookConfig
from configstore.fields import WEEKDAYS
from webhooks.pause import NO_URL, Pause, pause_in_force

PARIS = ZoneInfo("Europe/Paris")
URL = "https://hook.example.com/x"


def paris(text: str) -> datetime:
    """As the relay gets it: in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def pause(now: str | datetime, **fields: object) -> Pause | None:
    config = WebhookConfig.model_validate({"webhook_url": URL} | fields)
    return pause_in_force(config, PARIS, paris(now) if isinstance(now, str) else now, [])


def window(now: str | datetime, start: str, end: str) -> Pause | None:
    return pause(now, webhook_time_start=start, webhook_time_end=end)


def absence(now: str, *days: str, **fields: object) -> Pause | None:
    return pause(now, absence_pause_enabled=True, absence_pause_days=list(days), **fields)


def test_nothing_holds_by_default() -> None:
    assert pause("2026-11-20T03:00") is None


def test_sending_that_is_switched_off_holds_until_somebody_changes_it() -> None:
    assert pause("2026-11-20T12:00", webhook_sending_enabled=False) == Pause(
        reason="sending is switched off", until=None
    )


def test_no_url_holds_until_somebody_changes_it() -> None:
    held = pause("2026-11-20T12:00", webhook_url=None)
    assert held == Pause(reason=NO_URL, until=None, urgency=logging.WARNING)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("https://hook.example.com:25/s3cret", "port 25 belongs to another service than HTTPS"),
        ("https://10.0.0.1/s3cret", "10.0.0.1 is at 10.0.0.1, which webhooks may not reach"),
        ("http://hook.example.com/s3cret", "plain http to hook.example.com is refused"),
    ],
)
def test_a_url_that_cannot_be_used_holds_until_somebody_changes_it(url: str, cause: str) -> None:
    held = pause("2026-11-20T12:00", webhook_url=url)
    assert held is not None
    assert held.reason.startswith(f"the webhook URL cannot be used: {cause}")
    assert (held.until, held.urgency) == (None, logging.ERROR)
    assert "s3cret" not in held.reason


@pytest.mark.parametrize(
    ("time", "open"),
    [("08:59:59", False), ("09:00", True), ("18:59:59", True), ("19:00", False), ("00:00", False)],
)
def test_the_start_of_a_window_is_in_it_and_its_end_is_not(time: str, open: bool) -> None:
    assert (window(f"2026-11-20T{time}", "09h00", "19:00") is None) == open


@pytest.mark.parametrize(
    ("time", "open"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_a_window_crosses_midnight(time: str, open: bool) -> None:
    assert (window(f"2026-11-20T{time}", "22:00", "06:00") is None) == open


@pytest.mark.parametrize("time", ["00:00", "09:00", "23:59"])
def test_a_window_that_starts_when_it_ends_is_all_day(time: str) -> None:
    assert window(f"2026-11-20T{time}", "09:00", "09:00") is None


def test_a_window_until_midnight_ends_with_the_day() -> None:
    assert window("2026-11-20T23:59", "09:00", "00:00") is None
    assert window("2026-11-21T00:00", "09:00", "00:00") is not None


@pytest.mark.parametrize(("start", "end"), [("09:00", ""), ("", "09:00")])
def test_half_a_window_is_none(start: str, end: str) -> None:
    assert window("2026-11-20T03:00", start, end) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-11-20T03:00", "2026-11-20T09:00"), ("2026-11-20T19:00", "2026-11-21T09:00")],
)
def test_a_window_says_when_it_opens(now: str, until: str) -> None:
    assert window(now, "09:00", "19:00") == Pause(
        reason="outside the time window", until=paris(until)
    )


@pytest.mark.parametrize(
    ("utc", "open"),
    [
        ("2026-03-28T08:00", True),  # 09:00 in winter
        ("2026-03-29T07:00", True),  # 09:00 on the day that summer begins
        ("2026-03-29T06:59", False),
        ("2026-10-25T08:00", True),  # 09:00 on the day that it ends
        ("2026-10-25T07:59", False),
    ],
)
def test_a_window_follows_the_clocks_of_paris(utc: str, open: bool) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert (window(now, "09:00", "19:00") is None) == open


@pytest.mark.parametrize(
    ("utc", "open"),
    [("00:29", False), ("00:30", True), ("00:59", True), ("01:00", True), ("01:59", False)],
)
def test_a_window_in_the_hour_that_is_skipped_opens_right_after_it(utc: str, open: bool) -> None:
    # 02:00 becomes 03:00 at 01:00 UTC; the window is from 01:30 to 03:59.
    now = datetime.fromisoformat(f"2026-03-29T{utc}").replace(tzinfo=UTC)
    assert (window(now, "01:30", "03:59") is None) == open


@pytest.mark.parametrize("utc", ["00:30", "01:30"])
def test_an_hour_that_comes_twice_is_in_the_window_twice(utc: str) -> None:
    now = datetime.fromisoformat(f"2026-10-25T{utc}").replace(tzinfo=UTC)
    assert window(now, "02:15", "02:45") is None


@pytest.mark.parametrize(
    ("now", "until_utc"),
    [("2026-03-28T20:00", "2026-03-29T07:00"), ("2026-10-24T20:00", "2026-10-25T08:00")],
)
def test_a_window_opens_at_the_wall_clock_time_of_the_next_day(now: str, until_utc: str) -> None:
    held = window(now, "09:00", "19:00")
    assert held is not None
    assert held.until == datetime.fromisoformat(until_utc).replace(tzinfo=UTC)


def test_an_absence_holds_on_its_days_alone() -> None:
    assert absence("2026-11-20T12:00", "friday") is not None
    assert absence("2026-11-19T12:00", "friday") is None


def test_the_day_of_an_absence_is_that_of_paris() -> None:
    assert absence("2026-11-20T00:00", "friday") is not None  # still Thursday in UTC
    assert absence("2026-11-21T00:00", "friday") is None


@pytest.mark.parametrize(
    ("days", "until"),
    [
        (["friday"], "2026-11-21T00:00"),
        (["friday", "saturday", "sunday"], "2026-11-23T00:00"),
        (["friday", "sunday"], "2026-11-21T00:00"),
    ],
)
def test_an_absence_ends_at_the_midnight_before_the_first_other_day(
    days: list[str], until: str
) -> None:
    held = absence("2026-11-20T15:30", *days)
    assert held == Pause(reason="absence", until=paris(until))


def test_an_absence_ends_at_midnight_on_the_day_the_clocks_change() -> None:
    held = absence("2026-10-25T12:00", "sunday")
    assert held is not None
    assert held.until == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


def test_an_absence_on_all_days_has_no_end() -> None:
    assert absence("2026-11-20T12:00", *WEEKDAYS) == Pause(reason="absence", until=None)


@pytest.mark.parametrize(
    "other",
    [
        {"webhook_sending_enabled": False},
        {"webhook_url": None},
        {"webhook_time_start": "09:00", "webhook_time_end": "10:00"},
    ],
)
def test_an_absence_outranks_all_else(other: dict[str, object]) -> None:
    held = absence("2026-11-20T12:00", "friday", **other)
    assert held is not None
    assert held.reason == "absence"


def test_an_absence_that_is_off_holds_nothing() -> None:
    assert pause("2026-11-20T12:00", absence_pause_days=["friday"]) is None
