"""An operator who moves the files of the former application, at a command line."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from tests.environment import ROOT, child_environment
from tests.guard import EXIT_CODE

PREFIX = "r:ss:config:"
# As the former application wrote them.
FORMER: dict[str, dict[str, Any]] = {
    "polling_config": {
        "active_days": [0, 1, 2, 3, 4],
        "active_start_hour": 9,
        "sender_of_interest_for_polling": "A@example.com, b@example.com ,,",
        "vacation_end": "",
        "imap_password": "hunter2-of-ada",
        "_updated_at": "2026-01-19T00:36:24+00:00",
    },
    "processing_prefs": {
        "sender_priority": [],
        "retry_count": 2,
        "exclude_keywords_recadrage": [],
        "api_token": "t0k-of-the-api",
    },
    "webhook_config": {
        "webhook_url": "T0K-make@hook.eu2.make.com",
        "recadrage_url": "https://hook.example.com/T0K-recadrage",
        "webhook_time_start": "09h30",
        "webhook_time_end": "19:00",
    },
    "magic_link_tokens": {
        "abc": {"expires_at": None, "single_use": False, "consumed": False, "consumed_at": None}
    },
}
SECRETS = ("hunter2", "t0k-of", "T0K-", "fernet:")


@dataclass(frozen=True)
class Done:
    code: int
    output: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    def line(self, name: str) -> str:
        """What was said of the document."""
        (found,) = [line for line in self.lines if line.startswith(f"{name}: ")]
        return found.removeprefix(f"{name}: ")


@dataclass
class Operator:
    """Works in `folder`; `container` is the disk of the relay."""

    folder: Path
    container: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def debug(self) -> Path:
        return self.folder / "debug"

    @property
    def config(self) -> Path:
        return self.container / "config"

    def has(self, *names: str) -> None:
        """Files of the former application; without names all of them."""
        for name in names or FORMER:
            self.writes(f"{name}.json", json.dumps(FORMER[name], indent=4))

    def writes(self, file: str, text: str) -> None:
        self.debug.mkdir(exist_ok=True)
        (self.debug / file).write_text(text, encoding="utf-8")

    def migrates(self, *arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate_configs", *arguments],
            cwd=self.folder,
            env=child_environment(self.container, **self.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert done.returncode != EXIT_CODE, done.stdout
        assert "Traceback" not in done.stdout
        for secret in SECRETS:
            assert secret not in done.stdout
        return Done(done.returncode, done.stdout)

    def files(self, folder: str = ".") -> set[Path]:
        """On the disk of the relay."""
        return {path for path in (self.container / folder).rglob("*") if path.is_file()}

    def history(self) -> list[tuple[str, ...]]:
        database = sqlite3.connect(self.container / "db.sqlite3")
        with contextlib.closing(database):
            return database.execute(
                "SELECT document, author, action, stores, missed"
                " FROM configstore_revision ORDER BY id"
            ).fetchall()

    def backups(self) -> list[Path]:
        return sorted((self.config / "backups").glob("*"))


def in_redis(url: str, name: str) -> Any:
    with Redis.from_url(url) as client:
        text = client.get(PREFIX + name)
    return None if text is None else json.loads(text)


def put_in_redis(url: str, name: str, document: Any) -> None:
    with Redis.from_url(url) as client:
        client.set(PREFIX + name, document if isinstance(document, str) else json.dumps(document))
