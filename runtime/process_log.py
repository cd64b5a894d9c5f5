"""What a process says beside its log, made lines of the log."""

from __future__ import annotations

import io
import logging
import sys
import threading
from types import TracebackType

logger = logging.getLogger(__name__)


class LogStream(io.StringIO):
    """Stands in for stdout or stderr: each line that is printed is an event of that level."""

    def __init__(self, log: logging.Logger, level: int) -> None:
        super().__init__()
        self._log, self._level = log, level

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._log.log(self._level, "%s", line)
        return len(text)


def log_uncaught() -> None:
    """From here on also warnings, and exceptions that nobody catches, are events."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):  # whoever pressed Ctrl-C knows
        logger.error("The process ends by a fault", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        thread = args.thread.name if args.thread else "?"
        logger.error("The thread %s ended by a fault", thread, exc_info=args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    logger.error("A fault that nobody could be told of", exc_info=args.exc_value)
