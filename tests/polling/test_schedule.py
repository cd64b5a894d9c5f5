from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configstore.documents import PollingConfig
from polling.schedule import standing_down


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_any_setting_mail_is_always_read() -> None:
    assert standing_down(PollingConfig(), at("2026-11-23T03:00")) == ""


def test_switching_polling_off_stands_down() -> None:
    assert "switched off" in standing_down(PollingConfig(enable_polling=False), at("2026-11-23"))


def test_days_are_those_of_the_mailbox_s_time_zone() -> None:
    monday_only = PollingConfig(active_days=(0,), timezone="Europe/Paris")
    assert standing_down(monday_only, at("2026-11-22T23:30")) == ""
    assert standing_down(monday_only, at("2026-11-23T23:30")) != ""


@pytest.mark.parametrize(
    ("start", "end", "hour", "active"),
    [
        (9, 18, 9, True),
        (9, 18, 17, True),
        (9, 18, 18, False),
        (9, 18, 8, False),
        (22, 6, 23, True),
        (22, 6, 5, True),
        (22, 6, 6, False),
        (22, 6, 12, False),
        (8, 8, 8, False),
        (0, 0, 0, False),
        (None, 9, 3, True),
        (20, None, 23, True),
        (20, None, 19, False),
    ],
)
def test_hours_include_the_start_and_may_cross_midnight(
    start: int | None, end: int | None, hour: int, active: bool
) -> None:
    config = PollingConfig(active_start_hour=start, active_end_hour=end, timezone="UTC")
    assert (standing_down(config, at(f"2026-11-23T{hour:02d}:59")) == "") is active


def test_both_days_of_a_vacation_are_inclusive() -> None:
    config = PollingConfig(
        vacation_start=date(2026, 12, 24), vacation_end=date(2026, 12, 26), timezone="Europe/Paris"
    )
    assert standing_down(config, at("2026-12-23T22:59")) == ""
    assert standing_down(config, at("2026-12-23T23:00")) != ""
    assert standing_down(config, at("2026-12-26T22:59")) != ""
    assert standing_down(config, at("2026-12-26T23:00")) == ""


def test_a_vacation_without_an_end_goes_on() -> None:
    config = PollingConfig(vacation_start=date(2026, 12, 24), timezone="UTC")
    assert standing_down(config, at("2030-01-01T12:00")) != ""


def test_the_hour_that_the_clock_skips_in_spring_is_no_trap() -> None:
    config = PollingConfig(active_start_hour=2, active_end_hour=4, timezone="Europe/Paris")
    assert standing_down(config, at("2026-03-29T00:59")) != ""
    assert standing_down(config, at("2026-03-29T01:00")) == ""


def test_the_hour_that_comes_twice_in_autumn_counts_twice() -> None:
    config = PollingConfig(active_start_hour=2, active_end_hour=3, timezone="Europe/Paris")
    for moment, active in [
        ("2026-10-24T23:59", False),
        ("2026-10-25T00:00", True),
        ("2026-10-25T01:59", True),
        ("2026-10-25T02:00", False),
    ]:
        assert (standing_down(config, at(moment)) == "") is active


def test_of_a_night_each_half_belongs_to_its_calendar_day() -> None:
    friday_night = PollingConfig(
        active_days=(4,), active_start_hour=22, active_end_hour=6, timezone="Europe/Paris"
    )
    for moment, active in [
        ("2026-11-26T22:30", False),  # Thursday evening
        ("2026-11-27T00:30", True),  # Friday, after midnight
        ("2026-11-27T22:00", True),  # Friday evening
        ("2026-11-27T23:30", False),  # Saturday, after midnight
    ]:
        assert (standing_down(friday_night, at(moment)) == "") is active


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("Europe/Paris", "2026-03-27T23:00", "2026-03-29T21:59"),
        ("America/New_York", "2026-03-28T04:00", "2026-03-30T03:59"),
        ("Pacific/Kiritimati", "2026-03-27T10:00", "2026-03-29T09:59"),
        ("UTC", "2026-03-28T00:00", "2026-03-29T23:59"),
    ],
)
def test_a_vacation_lasts_from_midnight_to_midnight_where_the_mailbox_is(
    zone: str, first: str, last: str
) -> None:
    """In Paris its second day has 23 hours."""
    config = PollingConfig(
        vacation_start=date(2026, 3, 28), vacation_end=date(2026, 3, 29), timezone=zone
    )
    minute = timedelta(minutes=1)
    assert standing_down(config, at(first)) != ""
    assert standing_down(config, at(last)) != ""
    assert standing_down(config, at(first) - minute) == ""
    assert standing_down(config, at(last) + minute) == ""


@given(
    start=st.none() | st.integers(0, 23),
    end=st.none() | st.integers(0, 23),
    days=st.sets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(["UTC", "Europe/Paris", "Australia/Lord_Howe", "America/St_Johns"]),
    moment=st.integers(0, 366 * 24 * 60).map(
        lambda minutes: at("2026-01-01") + timedelta(minutes=minutes)
    ),
)
def test_what_is_active_is_what_the_clock_on_the_wall_says(
    start: int | None, end: int | None, days: set[int], zone: str, moment: datetime
) -> None:
    config = PollingConfig(
        active_days=tuple(days), active_start_hour=start, active_end_hour=end, timezone=zone
    )
    wall = moment.astimezone(ZoneInfo(zone))
    first, beyond = start or 0, 24 if end is None else end
    hours = {hour % 24 for hour in range(first, beyond + (24 if first > beyond else 0))}
    active = wall.weekday() in days and wall.hour in hours
    assert (standing_down(config, moment) == "") is active
