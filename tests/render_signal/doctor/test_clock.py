"""How far two clocks may be apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from render_signal.doctor.clock import difference, receiver

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
AT = NOW.timestamp()


@pytest.mark.parametrize(
    ("theirs", "seconds"), [(100.0, 0.0), (103.0, 0.0), (105.0, 0.0), (95.0, 5.0), (115.0, 10.0)]
)
def test_what_the_way_can_explain_is_no_difference(theirs: float, seconds: float) -> None:
    assert difference(theirs, begun=100.0, ended=105.0) == seconds


@pytest.mark.parametrize(
    ("seconds", "levels"), [(0, []), (-50, []), (90, ["yellow"]), (-1000, ["red"])]
)
def test_a_receiver_may_be_a_minute_off(seconds: int, levels: list[str]) -> None:
    said_at = NOW + timedelta(seconds=seconds)
    assert [each.level for each in receiver("h", said_at, AT, AT + 1)] == levels


def test_a_receiver_that_tells_no_time_is_left_alone() -> None:
    assert list(receiver("h", None, AT, AT)) == []
