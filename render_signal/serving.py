"""Start the web process, which scripts/start-web does.

The settings are read before gunicorn starts, so that what a .env file says of it counts, too.
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from render_signal.startup import begin_log, tell_configuration_error

THREADS = 16
GRACEFUL_SECONDS = 20
# Who waits for a page longer has left.
DATABASE_SECONDS = 20.0


def main() -> None:
    begin_log()
    try:
        command = arguments()
    except ImproperlyConfigured as exc:
        tell_configuration_error(exc)
        sys.exit(1)
    # A SQLite file often goes with the container, and the tables and the first user with it. A
    # PostgreSQL that several containers share is migrated once per deploy, by the platform.
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
    os.execvp(command[0], command)  # noqa: S606  # nothing of it is anybody else's text


def arguments() -> list[str]:
    """Raises ImproperlyConfigured."""
    return [
        "gunicorn",
        "render_signal.wsgi:application",
        f"--bind=0.0.0.0:{settings.PORT}",
        f"--workers={settings.WEB_CONCURRENCY}",
        "--worker-class=render_signal.web_worker.WebWorker",
        f"--threads={THREADS}",
        f"--graceful-timeout={GRACEFUL_SECONDS}",
        "--no-control-socket",
        "--logger-class=render_signal.web_log.WebLogger",
    ]


if __name__ == "__main__":
    main()
