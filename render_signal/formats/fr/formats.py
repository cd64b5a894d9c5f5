"""Times to the second: which of two came first is what a journal is asked."""

from __future__ import annotations

DATETIME_FORMAT = "j F Y H:i:s"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
TIME_FORMAT = "H:i"
