from __future__ import annotations

import pytest

from demo.lines import shown_for_real, shown_in_demo
from demo.terminal import LogLine, log_line

FILE_LOCK = log_line(
    "2026-11-23 10:00:00,123Z WARNING polling.lease "
    "BG_POLLER: Using file-based lock (unsafe for multi-container deployments)"
)


def test_the_demo_shows_what_a_newcomer_understands() -> None:
    assert shown_in_demo(LogLine(level="INFO", text="IMAP connected"), redis=False)
    assert not shown_in_demo(LogLine(level="INFO", text="Delivered webhook_id=msg_1"), redis=False)
    assert shown_in_demo(LogLine(level="ERROR", text="anything"), redis=False)


@pytest.mark.parametrize("redis", [True, False])
def test_the_file_lock_is_a_warning_only_where_redis_is_wanted(redis: bool) -> None:
    assert shown_in_demo(FILE_LOCK, redis) is redis
    assert shown_for_real(FILE_LOCK, redis) is redis


@pytest.mark.parametrize(
    "text", ["Starting gunicorn 27.0.1", "Listening at: http://…", "Worker exiting (pid: 12)"]
)
def test_how_gunicorn_comes_and_goes_is_not_shown(text: str) -> None:
    line = "2026-11-23 10:00:00,123Z {} gunicorn.error " + text

    assert not shown_for_real(log_line(line.format("INFO")), redis=False)
    assert shown_for_real(log_line(line.format("ERROR")), redis=False)


def test_all_else_is_shown_for_real() -> None:
    assert shown_for_real(LogLine(level="INFO", text="Delivered webhook_id=msg_1"), redis=False)
    assert shown_for_real(LogLine(level="", text="Done."), redis=False)
