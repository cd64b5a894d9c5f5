"""How the demo looks in a terminal. Each function gives lines, none of them writes."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

from demo.receiver import Received
from demo.samples import Sample

BOLD, DIM, RED, GREEN, YELLOW, CYAN = 1, 2, 31, 32, 33, 36
LABEL = 10  # columns of the word that a line begins with
INDENT = " " * (LABEL + 2)
NARROWEST = 40
# "2026-11-23 10:00:00,123Z WARNING polling.lock text"; the names of gunicorn's logs begin with it.
EVENT = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}Z (?P<level>[A-Z]+) (?P<log>\S+) (?P<text>.*)"
)
OWN_MAILBOX = (
    "IMAP_SERVER=imap.example.org",
    "EMAIL_ADDRESS=you@example.org",
    "EMAIL_PASSWORD=…",
    "WEBHOOK_URL=https://hook.example.org/…",
    "SENDER_OF_INTEREST_FOR_POLLING=sender@example.org",
)
LOUD = {"WARNING", "ERROR", "CRITICAL"}


@dataclass(frozen=True, kw_only=True)
class Style:
    """width None: lines are never cut, as a file or a pipe wants them."""

    colour: bool = False
    width: int | None = None


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """level is empty where the line carries none, as inside a traceback."""

    level: str
    text: str
    of_gunicorn: bool = False

    @property
    def loud(self) -> bool:
        return self.level in LOUD


def style_for(out: TextIO, environment: Mapping[str, str]) -> Style:
    """Colour on a terminal only, unless NO_COLOR or TERM=dumb ask for none."""
    if not out.isatty():
        return Style()
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return Style(colour=not plain, width=max(shutil.get_terminal_size().columns, NARROWEST))


def line(style: Style, *pieces: str | tuple[str, int]) -> str:
    """One line; a piece may have a colour. What does not fit ends in an ellipsis."""
    painted = []
    left = style.width
    total = sum(len(piece if isinstance(piece, str) else piece[0]) for piece in pieces)
    clipped = left is not None and total > left
    for piece in pieces:
        text, colour = (piece, 0) if isinstance(piece, str) else piece
        text = printable(text)
        if clipped and left is not None:
            text = text if len(text) < left else text[: left - 1] + "…"
            left -= len(text)
        painted.append(paint(style, text, colour))
        if left == 0:
            break
    return "".join(painted)


def paint(style: Style, text: str, colour: int) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if style.colour and colour and text else text


def printable(text: str) -> str:
    """Without the control characters by which a mail could steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def title(style: Style, text: str) -> list[str]:
    return ["", line(style, (text, BOLD)), ""]


def status(style: Style, label: str, text: str) -> list[str]:
    """A line about a part of the house; long ones go on below."""
    first, *more = _wrapped(style, text)
    return [line(style, (f"{label:<{LABEL}}", CYAN), first), *(" " * LABEL + rest for rest in more)]


def mail(style: Style, sample: Sample) -> list[str]:
    head = f"{'mail':<{LABEL}}"
    sender = f"from {sample.sender.addr_spec}"
    if style.width is None or len(head) + 2 + len(sample.subject) + 2 + len(sender) <= style.width:
        lines = [line(style, (head, CYAN), "→ ", (sample.subject, BOLD), "  ", (sender, DIM))]
    else:
        lines = [
            line(style, (head, CYAN), "→ ", (sample.subject, BOLD)),
            line(style, INDENT, (sender, DIM)),
        ]
    if sample.ignored:
        lines.append(line(style, INDENT, (f"to be ignored: {sample.ignored}", YELLOW)))
    return lines


def webhook(style: Style, received: Received, seconds: float | None) -> list[str]:
    """seconds since its mail, None when nobody knows."""
    since = "" if seconds is None else f"{seconds:.2f} s  "
    subject = str(received.payload.get("subject") or "(no subject)")
    signed = "signed" if received.signed else "not signed"
    proof = f"{received.webhook_id or 'missing'}, {signed}"
    rows = [*links(received.payload), ("webhook-id", proof)]
    width = max(len(name) for name, _ in rows)
    return [
        line(style, (f"{'webhook':<{LABEL}}✓ ", GREEN), f"{since}200  ", (subject, BOLD)),
        *(line(style, INDENT, (f"{name:<{width}}  ", DIM), value) for name, value in rows),
    ]


def links(payload: Mapping[str, object]) -> list[tuple[str, str]]:
    """Provider and address of the delivery links, as far as they are well-formed."""
    found = payload.get("delivery_links")
    entries = (
        [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    )
    return [
        (
            str(entry.get("provider")),
            str(entry.get("r2_url") or entry.get("direct_url") or entry.get("raw_url")),
        )
        for entry in entries
    ]


def log_line(text: str) -> LogLine:
    found = EVENT.fullmatch(text)
    if found is None:
        return LogLine(level="", text=text)
    of_gunicorn = found["log"].startswith("gunicorn.")
    return LogLine(level=found["level"], text=found["text"], of_gunicorn=of_gunicorn)


def log(style: Style, name: str, entry: LogLine) -> list[str]:
    """A line of a child's log, dimmed; what is a warning or worse says so."""
    text = f"{entry.level.lower()}: {entry.text}" if entry.loud else entry.text
    colour = {"WARNING": YELLOW, "ERROR": RED, "CRITICAL": RED}.get(entry.level, DIM)
    first, *more = _wrapped(style, text)
    return [
        line(style, (f"{name:<{LABEL}}", DIM), (first, colour)),
        *(line(style, " " * LABEL, (rest, colour)) for rest in more),
    ]


def directions(style: Style, places: Mapping[str, str]) -> list[str]:
    """The end of the demo: what to look at, and how to go on."""
    return [
        *(line(style, (f"{name:<{LABEL}}", CYAN), place) for name, place in places.items()),
        "",
        line(style, ("With a mailbox of your own", BOLD), ": put this into .env, then `make run`"),
        *(line(style, "    ", (setting, DIM)) for setting in OWN_MAILBOX),
        "",
        "Ctrl-C stops everything.",
        "",
    ]


def trouble(style: Style, text: str, details: Iterable[str] = ()) -> list[str]:
    return [
        "",
        *(line(style, (part, RED)) for part in _wrapped(style, text, 0)),
        *(line(style, "  ", (detail, DIM)) for detail in details),
    ]


def _wrapped(style: Style, text: str, margin: int = LABEL) -> list[str]:
    if style.width is None:
        return [text]
    return textwrap.wrap(text, style.width - margin, break_on_hyphens=False) or [""]
