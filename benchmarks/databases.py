"""Databases that are migrated and empty, and Python that works on them."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.processes import ROOT
from tests.servers.postgres import HOW, PostgresServer, postgres_folder


def environment(folder: Path, url: str) -> dict[str, str]:
    """All of it: nothing of what our own says about the product."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "DATABASE_URL": url,
        "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
        "SECRET_KEY": "only-to-measure",
        "CONFIG_STORE_DIR": str(folder / "config"),
        "BG_POLLER_LOCK_FILE": str(folder / "lock"),
        "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "render_signal.settings",
    }


def python(variables: dict[str, str], *arguments: str, given: str = "") -> str:
    """What it printed. given: its standard input."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, input=given, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """Each call gives the URL of one more that is migrated and empty."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, numbers = Path(name), itertools.count()
        if kind == "sqlite":
            template = folder / "template.sqlite3"
            _migrate(folder, f"sqlite:///{template}")
            yield lambda: f"sqlite:///{shutil.copy(template, folder / f'{next(numbers)}.sqlite3')}"
            return
        programs = postgres_folder() or sys.exit(HOW)
        home = folder / "postgres"
        home.mkdir()
        folder.chmod(0o755)
        server = PostgresServer(programs, home, durable=True)
        stack.callback(server.stop)
        migrated = server.create()
        _migrate(folder, server.url(migrated))
        yield lambda: server.url(server.create(migrated))


def _migrate(folder: Path, url: str) -> None:
    python(environment(folder, url), "manage.py", "migrate", "--verbosity=0", "--skip-checks")
