"""When reading begins or ends by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from configstore.documents import PollingConfig
from polling.schedule import next_change


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# 2026-11-23 is a Monday.
@pytest.mark.parametrize(
    ("fields", "now", "change"),
    [
        ({}, "2026-11-23T10:20", None),
        ({"enable_polling": False, "active_start_hour": 8}, "2026-11-23T10:20", None),
        ({"active_start_hour": 8, "active_end_hour": 19}, "2026-11-23T10:20", "2026-11-23T18:00"),
        ({"active_start_hour": 8, "active_end_hour": 19}, "2026-11-23T18:00", "2026-11-24T07:00"),
        ({"active_start_hour": 8, "active_end_hour": 8}, "2026-11-23T18:00", None),
        ({"active_start_hour": 0, "active_end_hour": 0}, "2026-11-23T18:00", None),
        ({"active_days": [0]}, "2026-11-24T12:00", "2026-11-29T23:00"),
        ({"active_days": [0]}, "2026-11-23T12:00", "2026-11-23T23:00"),
        # The clock is put back on 2026-10-25.
        ({"active_start_hour": 8}, "2026-10-24T22:30", "2026-10-25T07:00"),
    ],
)
def test_it_is_told_by_the_clock_of_the_mailbox(
    fields: dict[str, Any], now: str, change: str | None
) -> None:
    config = PollingConfig(timezone="Europe/Paris", **fields)
    assert next_change(config, at(now)) == (at(change) if change else None)


@pytest.mark.parametrize(("ends", "change"), [(date(2027, 2, 1), "2027-02-02T07:00"), (None, None)])
def test_a_vacation_ends_when_mail_is_read_again(ends: date | None, change: str | None) -> None:
    config = PollingConfig(
        timezone="Europe/Paris",
        active_start_hour=8,
        vacation_start=date(2026, 11, 20),
        vacation_end=ends,
    )
    assert next_change(config, at("2026-11-23T10:00")) == (at(change) if change else None)


def test_a_clock_of_half_hours_is_kept() -> None:
    config = PollingConfig(timezone="Asia/Kolkata", active_start_hour=8, active_end_hour=19)
    assert next_change(config, at("2026-11-23T10:00")) == at("2026-11-23T13:30")
