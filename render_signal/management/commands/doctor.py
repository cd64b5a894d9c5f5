"""Examines the whole service as it is set up here, and says what to do."""

from __future__ import annotations

import logging
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from render_signal.doctor.examinations import KINDS, examinations
from render_signal.doctor.finding import Examined, Level, worst
from render_signal.doctor.report import as_json, lines, summary
from render_signal.doctor.round import examine


class Command(BaseCommand):
    help = (
        "Examine Redis, lock, mailboxes, endpoints, R2, clocks, database, configuration and "
        "secrets with the settings of this process, and say what to do. Each endpoint gets one "
        "signed test webhook. Exit code 1 if something is red, with --strict also if it is yellow."
    )
    # They are among the examinations.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            choices=KINDS,
            metavar="NAME",
            help=f"Only this examination; may be repeated. One of {', '.join(KINDS)}.",
        )
        parser.add_argument(
            "--no-send", action="store_true", help="Send no test webhook; look at addresses alone."
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead.")
        parser.add_argument("--strict", action="store_true", help="Yellow counts as red.")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=settings.COMMAND_LANGUAGE,
            help="Language of the sentences, default that of LANG.",
        )

    def handle(self, *args: Any, only: list[str], language: str, **options: Any) -> None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal may lack an accent
        with translation.override(language), _quiet():
            send = not options["no_send"]
            found = []
            for examined in examine(examinations(send, only), language):
                found.append(examined)
                if not options["json"]:
                    self._show(examined)
            self.stdout.write(as_json(found) if options["json"] else f"\n{summary(found)}")
        counted = (Level.RED, Level.YELLOW) if options["strict"] else (Level.RED,)
        if worst(found) in counted:
            sys.exit(1)

    def _show(self, examined: Examined) -> None:
        paints = {
            Level.GREEN: self.style.SUCCESS,
            Level.YELLOW: self.style.WARNING,
            Level.RED: self.style.ERROR,
        }
        width = shutil.get_terminal_size().columns if self.stdout.isatty() else 0
        for line in lines(examined, paints, width):
            self.stdout.write(line)


@contextmanager
def _quiet() -> Iterator[None]:
    """What is wrong is said by the findings; only a fault of the doctor itself is logged."""
    root, ours = logging.getLogger(), logging.getLogger("render_signal.doctor")
    before = root.level, ours.level
    root.setLevel(logging.CRITICAL)
    ours.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before[0])
        ours.setLevel(before[1])
