"""The files that a run keeps, all in one folder."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import IO

from django.core.files import locks


class Folder:
    """Where a run writes. One run at a time: acquire() says whether this is the only one."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.database = self.path / "db.sqlite3"
        self.config = self.path / "config"
        self.poller_lock = self.path / "poller.lock"
        self.webhooks = self.path / "webhooks.jsonl"
        self._running: IO[str] | None = None

    def log(self, name: str) -> Path:
        return self.path / f"{name}.log"

    def acquire(self) -> bool:
        self.path.mkdir(parents=True, exist_ok=True)
        running = (self.path / "running").open("w", encoding="utf-8")
        if not locks.lock(running, locks.LOCK_EX | locks.LOCK_NB):
            running.close()
            return False
        self._running = running
        return True

    def release(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None

    def clear(self) -> None:
        """Remove what the run before left, and nothing that is not ours."""
        shutil.rmtree(self.config, ignore_errors=True)
        self._remove("db.sqlite3*", "poller.lock", "webhooks.jsonl", "*.log")

    def clear_logs(self) -> None:
        self._remove("*.log")

    def _remove(self, *patterns: str) -> None:
        for pattern in patterns:
            for path in self.path.glob(pattern):
                path.unlink()


def secret_key(path: Path) -> str:
    """The key kept in this file, made at the first call; only its owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and (key := path.read_text(encoding="ascii").strip()):
        return key
    key = secrets.token_urlsafe(50)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        os.fchmod(handle, 0o600)  # a file that was there before kept its own mode
        file.write(key + "\n")
    return key
