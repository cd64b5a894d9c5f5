"""No secret gets into the log of any test, nor into what a process that it starts says.

Secrets of tests are spelled so that the words in them stand nowhere else.
"""

from __future__ import annotations

import logging
import re

from render_signal.logs import PlainFormatter
from tests.servers.php import TOKEN as PHP_TOKEN
from tests.servers.worker import TOKEN as WORKER_TOKEN

MARKS = re.compile(
    "|".join(
        [
            "s3cret", "r3fresh", "acc3ss-", "hunter2", "t0ken", "t0k-", "c4nary", "correct horse",
            "only-for-tests-0",
            re.escape(PHP_TOKEN), re.escape(WORKER_TOKEN),
        ]
    )
)  # fmt: skip


def found_in(text: str) -> list[str]:
    """The lines with a secret."""
    return [line for line in text.splitlines() if MARKS.search(line)]


class Canary(logging.Handler):
    """Hears every record that is logged while it is attached."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(PlainFormatter())
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._found += found_in(self.format(record))

    def attach(self) -> None:
        root = logging.getLogger()
        if self not in root.handlers:  # the settings may have set up the log anew
            root.addHandler(self)

    def take(self) -> list[str]:
        taken, self._found = self._found, []
        return taken
