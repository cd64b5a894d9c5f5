"""What is left out of the log."""

from __future__ import annotations

import logging


class WithoutTraceback(logging.Filter):
    """The sentence says it all; where in Django it was noticed helps nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True
