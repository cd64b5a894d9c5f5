"""Which lines of the children's logs are shown in the terminal; all of them are in the files."""

from __future__ import annotations

from demo.terminal import LogLine

# Lines of the poller that a newcomer understands; warnings and errors are shown anyway.
TELLING = ("BG_POLLER:", "Ignored mail", "IMAP ")
FILE_LOCK = "BG_POLLER: Using file-based lock"


def shown_in_demo(entry: LogLine, redis: bool) -> bool:
    telling = entry.loud or any(word in entry.text for word in TELLING)
    return telling and not _said_already(entry, redis)


def shown_for_real(entry: LogLine, redis: bool) -> bool:
    return (entry.loud or not entry.of_gunicorn) and not _said_already(entry, redis)


def _said_already(entry: LogLine, redis: bool) -> bool:
    """Without REDIS_URL the file lock is meant, as the status line says."""
    return not redis and entry.text.startswith(FILE_LOCK)
