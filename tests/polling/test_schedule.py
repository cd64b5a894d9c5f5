from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

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
