"""What is said of a protocol log in which nothing is yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from configstore.documents import PollingConfig
from polling.holders import Holder
from polling.protocol.quiet import why_quiet

SINCE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HELD = Holder(kind="Redis", fields={"pid": "7"})


def said(holder: Holder = HELD, after: int = 5, **fields: Any) -> str:
    config = PollingConfig.model_validate(fields)
    return why_quiet(SINCE, config, holder, SINCE + timedelta(seconds=after))


@pytest.mark.parametrize(("seconds", "due"), [(30, "09:02:30"), (600, "09:10:30")])
def test_it_says_since_when_and_when_the_next_line_is_due(seconds: int, due: str) -> None:
    text = said(interval_seconds=seconds)
    assert "Logged since Nov. 27, 2026, 09:00:00" in text
    assert f"the next one is due by Nov. 27, 2026, {due}" in text


def test_what_is_overdue_is_told() -> None:
    assert "although a sign of life was due by" in said(after=151)


def test_nobody_who_reads_says_nothing() -> None:
    text = said(Holder(kind="Redis"))
    assert "no process holds the lock of this mailbox. Start “manage.py runpoller”" in text


def test_a_lock_that_cannot_be_asked_for_is_not_said_to_be_free() -> None:
    assert "is due by" in said(Holder(kind="file", degraded=True))


def test_a_pause_of_reading_is_told_with_its_end() -> None:
    assert said(enable_polling=False) == (
        "Nothing is said now: polling is switched off (“Read this mailbox”)."
    )
    text = said(active_start_hour=12, active_end_hour=19)
    assert "outside the active hours 12 to 19. It goes on at Nov. 27, 2026, 11:00:00." in text
