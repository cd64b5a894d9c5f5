from __future__ import annotations

import io
import re
from email.headerregistry import Address

import pytest

from demo import terminal
from demo.receiver import Received
from demo.samples import SAMPLES, Sample
from demo.terminal import LogLine, Style

PLAIN = Style()
NARROW = Style(width=40)
EIGHTY = Style(width=80)
COLOURED = Style(colour=True, width=80)
LINK = {"provider": "dropbox", "raw_url": "https://raw.example", "direct_url": None}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def sample(subject: str = "Lot 12", ignored: str = "") -> Sample:
    sender = Address("Studio", "livraison", "studio.example")
    return Sample(key="x", sender=sender, subject=subject, text="", ignored=ignored)


def received(**payload: object) -> Received:
    return Received(at=0.0, webhook_id="msg_1", signed=True, payload=payload)


def bare(line: str) -> str:
    return re.sub(r"\x1b\[\d+m", "", line)


def test_a_pipe_gets_no_colour_and_whole_lines() -> None:
    assert terminal.style_for(io.StringIO(), {}) == Style(colour=False, width=None)


def test_a_terminal_gets_colour_and_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert terminal.style_for(Screen(), {}) == Style(colour=True, width=80)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(variables: dict[str, str]) -> None:
    assert not terminal.style_for(Screen(), variables).colour


def test_an_empty_no_color_refuses_nothing() -> None:
    assert terminal.style_for(Screen(), {"NO_COLOR": ""}).colour


def test_a_line_that_fits_is_left_alone() -> None:
    assert terminal.line(NARROW, "a" * 38, "bc") == "a" * 38 + "bc"


def test_a_long_line_ends_in_an_ellipsis() -> None:
    assert terminal.line(NARROW, "a" * 38, "bcd") == "a" * 38 + "b…"
    assert terminal.line(NARROW, "a" * 40, "b") == "a" * 39 + "…"


def test_colour_does_not_count_as_width() -> None:
    painted = terminal.line(COLOURED, ("a" * 100, terminal.RED), "b")

    assert painted == f"\x1b[31m{'a' * 79}…\x1b[0m"


def test_a_mail_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in "".join(terminal.mail(PLAIN, sample("\x1b]0;owned\x07")))


def test_a_mail_is_one_line_when_there_is_room() -> None:
    assert terminal.mail(PLAIN, sample()) == ["mail      → Lot 12  from livraison@studio.example"]


def test_the_sender_goes_below_when_there_is_none() -> None:
    assert terminal.mail(Style(width=44), sample()) == [
        "mail      → Lot 12",
        "            from livraison@studio.example",
    ]


def test_why_a_mail_is_to_be_ignored_is_said() -> None:
    assert terminal.mail(PLAIN, sample(ignored="it is a reply"))[1] == (
        "            to be ignored: it is a reply"
    )


def test_a_webhook_shows_time_links_and_id() -> None:
    transferred = {**LINK, "provider": "fromsmash", "r2_url": "https://r2.example"}

    lines = terminal.webhook(
        PLAIN, received(subject="Lot 12", delivery_links=[LINK, transferred]), 0.214
    )

    assert lines == [
        "webhook   ✓ 0.21 s  200  Lot 12",
        "            dropbox     https://raw.example",
        "            fromsmash   https://r2.example",
        "            webhook-id  msg_1, signed",
    ]


def test_a_webhook_that_lacks_all_is_shown_too() -> None:
    nothing = Received(at=0.0, webhook_id=None, signed=False, payload={"delivery_links": [1]})

    assert terminal.webhook(PLAIN, nothing, None) == [
        "webhook   ✓ 200  (no subject)",
        "            webhook-id  missing, not signed",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2026-11-23 10:00:00,123Z WARNING polling.lock BG_POLLER: careful",
            LogLine(level="WARNING", text="BG_POLLER: careful"),
        ),
        (
            "2026-11-23 10:00:00,123Z INFO gunicorn.error Listening",
            LogLine(level="INFO", text="Listening", of_gunicorn=True),
        ),
        ("  File x.py, line 1", LogLine(level="", text="  File x.py, line 1")),
    ],
)
def test_log_lines_are_told_apart(text: str, expected: LogLine) -> None:
    assert terminal.log_line(text) == expected


def test_a_warning_is_named() -> None:
    entry = LogLine(level="WARNING", text="careful")

    assert entry.loud
    assert terminal.log(PLAIN, "poller", entry) == ["poller    warning: careful"]


def test_a_long_log_line_goes_on_below() -> None:
    lines = terminal.log(NARROW, "poller", LogLine(level="INFO", text="word " * 10))

    assert lines == [
        "poller    word word word word word word",
        "          word word word word",
    ]


@pytest.mark.parametrize("style", [EIGHTY, COLOURED])
def test_nothing_is_wider_than_the_terminal(style: Style) -> None:
    link = {**LINK, "direct_url": "https://dropbox.example/" + "x" * 200}
    lines = [
        *terminal.title(style, "t" * 100),
        *terminal.status(style, "web", "word " * 50),
        *terminal.log(style, "web", LogLine(level="ERROR", text="e" * 300)),
        *terminal.webhook(style, received(subject="s" * 100, delivery_links=[link]), 1.0),
        *terminal.trouble(style, "word " * 50, ["d" * 100]),
        *terminal.directions(style, {"web page": "http://localhost:8000/admin/"}),
    ]
    for each in SAMPLES:
        lines += terminal.mail(style, each)

    assert max(len(bare(line)) for line in lines) <= 80
    assert all(line.count("\x1b[") % 2 == 0 for line in lines)
