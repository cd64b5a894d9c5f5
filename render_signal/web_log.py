"""gunicorn's own lines and those of requests, written as all others are."""

from __future__ import annotations

import logging.config
from datetime import timedelta
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from configstore.client_address import address_in
from runtime.process_log import log_uncaught

# Asked for every few seconds by platforms and monitors.
ROUTINE = ("/health", "/metrics")


class WebLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Named in scripts/start-web. The first process of gunicorn never loads Django, so the log is
    set up here."""

    def setup(self, cfg: Any) -> None:
        logging.config.dictConfig(settings.LOGGING)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
        log_uncaught()

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Without the query: people search for subjects and senders."""
        path, status = environ.get("PATH_INFO", ""), resp.status.split()[0]
        routine = path.startswith(ROUTINE) and status == "200"
        self.access_log.log(
            logging.DEBUG if routine else logging.INFO,
            "%s %s status=%s bytes=%s ms=%d address=%s",
            environ.get("REQUEST_METHOD", "-"),
            path,
            status,
            getattr(resp, "sent", None) or 0,
            request_time // timedelta(milliseconds=1),
            address_in(environ),
        )
