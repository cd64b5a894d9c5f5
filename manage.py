#!/usr/bin/env python
"""Run a management command: `python manage.py help`."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from render_signal.startup import begin_log, tell_configuration_error


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "render_signal.settings")
    if sys.argv[1:2] == ["runpoller"]:
        begin_log()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        tell_configuration_error(exc)
        sys.exit(2)


if __name__ == "__main__":
    main()
