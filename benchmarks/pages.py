"""How long pages take: told line by line, and kept for who asks with `--json FILE`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.arguments import positive
from benchmarks.figures import RELAY, Measurement, Metric, Run
from benchmarks.numbers import number
from benchmarks.processes import ROOT
from benchmarks.scale import Scale

if TYPE_CHECKING:  # the settings have to be there first
    from django.test import Client

ROWS = 100_000
COLUMNS = ("ms", "queries", "slowest, ms")
BLANK = ("", "", "")
LINE = "{:40}{:>10}{:>10}{:>14}"


class Visits:
    """Milliseconds by name, in the order in which they were measured."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def heading(self, title: str, *columns: str) -> None:
        """columns: what is in those after the name."""
        cells = [*columns, *BLANK[len(columns) :]]
        sys.stdout.write(f"\n{LINE.format(title, *cells).rstrip()}\n")

    def page(self, browser: Client, name: str, page: str) -> None:
        """Twice: the second time counts, for the first one warms up."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        browser.get(page, follow=True)
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(page, follow=True)
        self.spent[name] = (time.perf_counter() - began) * 1000
        slowest = max((float(query["time"]) * 1000 for query in queries), default=0.0)
        status = "" if answer.status_code == 200 else f"  HTTP {answer.status_code}"
        self._say(name, str(len(queries)), f"{number(slowest)}{status}")

    def action(self, name: str, action: Callable[[], object]) -> None:
        began = time.perf_counter()
        action()
        self.spent[name] = (time.perf_counter() - began) * 1000
        self._say(name, *BLANK[1:])

    def _say(self, name: str, *cells: str) -> None:
        sys.stdout.write(f"{LINE.format(name, number(self.spent[name]), *cells).rstrip()}\n")
        sys.stdout.flush()


def begin(folder: Path, **variables: str) -> None:
    """Django, with a database of its own unless DATABASE_URL names one, and without Redis."""
    import django

    declared = {
        "DJANGO_SETTINGS_MODULE": "render_signal.settings", "ENV_FILE": "", "DEBUG": "true",
        "REDIS_URL": "", "CONFIG_STORE_DIR": str(folder / "config"), "ALLOWED_HOSTS": "testserver",
    }  # fmt: skip
    os.environ.update(declared | variables)
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder / 'db.sqlite3'}")
    django.setup()


def main(
    module: str, about: str | None, measure: Callable[..., None], *, parts: bool = False
) -> None:
    """What `python -m` of a module does: `measure` is given a folder that goes afterwards, where
    to tell, and the numbers of the command line: how many rows, and with parts how many of them."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", metavar="ROWS", type=positive, nargs="?")
    if parts:
        parser.add_argument("part", metavar="RECENT", type=positive, nargs="?")
    parser.add_argument("--json", type=Path, help="write the milliseconds into this file, too")
    options = parser.parse_args()
    numbers = [value for value in (options.rows, vars(options).get("part")) if value]
    if numbers != sorted(numbers, reverse=True):
        parser.error("RECENT are some of ROWS, and cannot be more")
    visits = Visits()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), visits, *numbers)
    if options.json:
        options.json.write_text(json.dumps(visits.spent))


def where() -> str:
    """The database, for a heading."""
    from django.db import connection

    return connection.vendor.replace("sqlite", "SQLite").replace("postgresql", "PostgreSQL")


def measured(module: str, title: str, headlines: Sequence[str], scale: Scale) -> Measurement:
    """In a process of its own, which sees nothing of our variables."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "spent.json"
        command = [
            sys.executable,
            "-m",
            f"benchmarks.{module}",
            str(scale.rows),
            "--json",
            str(kept),
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        spent = json.loads(kept.read_text())
    metrics = [Metric(name, f"{name}, ms", headline=name in headlines) for name in spent]
    return Measurement(module, title.format(rows=scale.rows), metrics, [Run(RELAY, spent)])


def journal(scale: Scale, name: str) -> Measurement:
    headlines = ["mails", "mails, a rare word", "deliveries"]
    return measured(name, "The journal with {rows} mails", headlines, scale)


def dashboard(scale: Scale, name: str) -> Measurement:
    headlines = ["the first page"]
    return measured(name, "The first page with {rows} deliveries", headlines, scale)
