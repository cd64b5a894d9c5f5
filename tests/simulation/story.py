"""What happens in a story, step by step, for whoever replays it."""

from __future__ import annotations

import logging
from collections.abc import Callable

PACKAGES = ("polling", "webhooks", "configstore", "runtime")


class Story(logging.Handler):
    """Tells lines, those of the product's own log among them."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._write = tell

    def emit(self, record: logging.LogRecord) -> None:
        self.tell(f"        | {record.levelname} {record.getMessage()}")
        if record.exc_info:
            self.tell(f"        | {record.exc_info[1]!r}")

    def tell(self, line: str) -> None:
        self._write(line)


def silence(line: str) -> None:
    """For stories that nobody reads."""
