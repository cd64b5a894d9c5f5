"""The log before the settings are read, and what it says if they cannot be."""

from __future__ import annotations

import logging
import os
import sys

from django.core.exceptions import ImproperlyConfigured

from render_signal.logs import JsonFormatter, PlainFormatter
from runtime.process_log import log_uncaught

logger = logging.getLogger(__name__)


class StartFormatter(logging.Formatter):
    """As LOG_FORMAT says by then: a .env file may have set it meanwhile."""

    def format(self, record: logging.LogRecord) -> str:
        return (JsonFormatter() if _json() else PlainFormatter()).format(record)


def begin_log() -> None:
    """Until the settings set the log up."""
    console = logging.StreamHandler()
    console.setFormatter(StartFormatter())
    logging.basicConfig(handlers=[console], force=True)
    log_uncaught()


def tell_configuration_error(error: ImproperlyConfigured) -> None:
    """Whoever sees this made a slip in a setting: the sentence helps, the traceback does not."""
    if _json():
        begin_log()
        logger.error("Configuration error: %s", error)
    else:
        sys.stderr.write(f"Configuration error: {error}\n")


def _json() -> bool:
    return os.environ.get("LOG_FORMAT", "").strip() == "json"
