"""What connections say and hear, while somebody wants to know."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

MOST_LINES = 1000
LINE_CHARACTERS = 500


class Side(enum.StrEnum):
    """Who said it. A note is ours, and not on the wire."""

    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True)
class Line:
    at: datetime
    side: Side
    text: str


class Recorder:
    """The last lines of one mailbox that are not written yet. note() is called by any thread."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)

    def note(self, side: Side, text: str) -> None:
        if text:
            cut = text if len(text) <= LINE_CHARACTERS else f"{text[: LINE_CHARACTERS - 1]}…"
            self._lines.append(Line(timezone.now(), side, cut))

    def take(self) -> Iterator[Line]:
        while self._lines:
            yield self._lines.popleft()


# By the names of the mailboxes. A connection looks for its own with every line: mostly there is
# none, and that must cost nothing.
RECORDERS: dict[str, Recorder] = {}
