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

from benchmarks.figures import RELAY, Measurement, Metric, Run
from benchmarks.processes import ROOT
from benchmarks.scale import Scale

if TYPE_CHECKING:  # the settings have to be there first
    from django.test import Client

ROWS = 100_000


class Visits:
    """Milliseconds by name, in the order in which they were measured."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

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
        self._say(name, f"  {len(queries):3} queries, slowest {slowest:5.0f} ms{status}")

    def action(self, name: str, action: Callable[[], object]) -> None:
        began = time.perf_counter()
        action()
        self.spent[name] = (time.perf_counter() - began) * 1000
        self._say(name, "")

    def _say(self, name: str, more: str) -> None:
        sys.stdout.write(f"{name:32} {self.spent[name]:7.0f} ms{more}\n")
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


def main(about: str | None, measure: Callable[..., None]) -> None:
    """What `python -m` of a module does: `measure` is given a folder that goes afterwards, where
    to tell, and the numbers of the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("numbers", type=int, nargs="*")
    parser.add_argument("--json", type=Path, help="write the milliseconds into this file, too")
    options = parser.parse_args()
    visits = Visits()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), visits, *options.numbers)
    if options.json:
        options.json.write_text(json.dumps(visits.spent))


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
