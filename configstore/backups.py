"""Copies of documents that a command is about to overwrite."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path


def keep_backup(folder: Path, name: str, content: bytes, now: datetime) -> Path:
    """A new file in the folder that its owner alone can read. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem, again = f"{name}-{now:%Y%m%dT%H%M%S}", 1
    path = folder / f"{stem}.json"
    while path.exists():
        again += 1
        path = folder / f"{stem}-{again}.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path
