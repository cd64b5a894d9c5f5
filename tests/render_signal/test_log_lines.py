"""One line an event, plain or JSON."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from render_signal.logs import JsonFormatter, PlainFormatter
from runtime.log_context import log_context

FORMATTERS = [PlainFormatter(), JsonFormatter()]
both = pytest.mark.parametrize("formatter", FORMATTERS, ids=["plain", "json"])
NASTY = "Lot 12\r\n2026-11-27 ERROR polling all is lost\u2028\x85\x1b[31m\u202e\ud800\0"
CONTRACT = [
    ("BG_POLLER: Singleton lock acquired (Redis) pid=%d%s", (12345, "")),
    ("BG_POLLER: Using file-based lock (unsafe for multi-container deployments)%s", ("",)),
    ("R2_TRANSFER: success url=%s r2_url=%s", ("https://a.example/x?…", "https://b.example/y")),
    ("R2_TRANSFER: failed url=%s error=%s (fallback to source URLs)", ("https://a.example/", "no")),
]


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where the process is, as its TZ says."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Paris")
        time.tzset()
        yield
    time.tzset()


def record(sentence: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("webhooks.report", 30, "x.py", 1, sentence, values, exc_info)


def event(sentence: str, *values: object, error: BaseException | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        JsonFormatter().format(record(sentence, *values, error=error))
    )
    return found


def failure() -> ValueError:
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as exc:
        return exc


@both
@pytest.mark.parametrize(("sentence", "values"), CONTRACT)
def test_the_lines_of_the_contract_stand_in_it_to_the_letter(
    formatter: logging.Formatter, sentence: str, values: tuple[object, ...]
) -> None:
    assert sentence % values in formatter.format(record(sentence, *values))


def test_a_plain_line_is_as_it_was() -> None:
    line = PlainFormatter().format(record("Delivered webhook_id=%s", "msg_1"))
    assert line.endswith(" WARNING webhooks.report Delivered webhook_id=msg_1")


@pytest.mark.usefixtures("paris")
def test_a_plain_time_is_utc_and_says_so() -> None:
    given = record("Delivered")
    given.created, given.msecs = 1_795_772_400.25, 250.0
    assert PlainFormatter().format(given).startswith("2026-11-27 09:40:00,250Z WARNING ")


@both
def test_what_a_mail_says_can_begin_no_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record("Mail %s", NASTY))
    assert len(line.splitlines()) == 1
    assert line.encode().decode() == line
    assert not [char for char in line if not char.isprintable()]


@both
def test_a_traceback_is_on_the_line_of_its_sentence(formatter: logging.Formatter) -> None:
    line = formatter.format(record("A fault", error=failure()))
    assert len(line.splitlines()) == 1
    assert "A fault" in line and r"ValueError: first line\nsecond line" in line


def test_a_plain_line_can_be_read_with_its_accents() -> None:
    assert "été «\u00a0à\u00a0» …" in PlainFormatter().format(record("été «\u00a0à\u00a0» …"))


def test_the_level_is_a_field_as_platforms_read_it() -> None:
    found = event("Not delivered")
    assert list(found) == ["time", "level", "logger", "message"]
    assert (found["level"], found["logger"]) == ("warning", "webhooks.report")
    assert found["time"].endswith("+00:00")


def test_what_a_sentence_names_is_a_field() -> None:
    found = event(
        "%s webhook_id=%s endpoint=%s host=%s attempt=%d: %s; %.1f %%",
        "Not delivered", "msg_1", "default", "h.example", 2, "mailbox=forged", 0.5,
    )  # fmt: skip
    named = {name: found[name] for name in ("webhook_id", "endpoint", "attempt")}
    assert named == {"webhook_id": "msg_1", "endpoint": "default", "attempt": 2}
    assert "mailbox" not in found


def test_a_try_carries_the_id_of_its_mail() -> None:
    with log_context(message_id="abc"):
        line = PlainFormatter().format(record("Delivered webhook_id=%s", "msg_1"))
        assert event("Delivered webhook_id=%s", "msg_1")["message_id"] == "abc"
    assert line.endswith(" Delivered webhook_id=msg_1 [message_id=abc]")
    assert "message_id" not in event("Delivered webhook_id=%s", "msg_1")


def test_what_a_sentence_names_is_not_said_again() -> None:
    with log_context(mailbox="sales", uid=3, message_id=""):
        line = PlainFormatter().format(record("Mail uid=%d read in part", 3))
    assert line.endswith(" Mail uid=3 read in part [mailbox=sales]")


def test_a_context_adds_to_the_one_around_it() -> None:
    with log_context(mailbox="sales"):
        with log_context(uid=3):
            found = event("Mail text cut")
        assert "uid" not in event("Mail text cut")
    assert (found["mailbox"], found["uid"]) == ("sales", 3)


@pytest.mark.parametrize(("sentence", "values"), CONTRACT)
def test_a_line_of_the_contract_begins_with_it_whatever_it_is_about(
    sentence: str, values: tuple[object, ...]
) -> None:
    with log_context(message_id="abc"):
        line = PlainFormatter().format(record(sentence, *values))
    assert line.endswith(f" webhooks.report {sentence % values} [message_id=abc]")


def test_a_mailbox_is_a_field_also_in_a_sentence_of_prose() -> None:
    assert event("Mailbox %s: catching up on %d mails", "sales", 7)["mailbox"] == "sales"
    assert event("Mail uid=%d of mailbox %s cannot be read", 3, "sales")["mailbox"] == "sales"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_what_is_no_number_of_json_is_a_text(value: float) -> None:
    line = JsonFormatter().format(record("took seconds=%s", value))
    found = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert found["seconds"] in (str(value), 10**400)


@both
def test_a_sentence_that_its_values_do_not_fit_is_a_line(formatter: logging.Formatter) -> None:
    line = formatter.format(record("uid=%d of %s", "seven"))
    assert len(line.splitlines()) == 1
    assert "uid=%d of %s ('seven',)" in line


def test_no_field_takes_the_place_of_another() -> None:
    assert event("level=%s message=%s", "critical", "forged")["level"] == "warning"


def test_a_traceback_is_a_field() -> None:
    found = event("A fault", error=failure())
    assert found["message"] == "A fault"
    assert found["traceback"].splitlines()[-1] == "second line"


def test_a_sentence_without_values_is_taken_as_it_is() -> None:
    assert event("100 % of uid=%d")["message"] == "100 % of uid=%d"
