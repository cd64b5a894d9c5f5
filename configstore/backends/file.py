"""Documents as files: NAME.json in one folder, readable by the owner alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from configstore.backends.base import ConfigBackend, JSONObject, StoreUnavailable
from configstore.backends.json_text import decode, encode


class FileBackend(ConfigBackend):
    label = "file"

    def __init__(self, *, directory: Path) -> None:
        self._directory = directory

    def read(self, name: str) -> JSONObject | None:
        path = self._path(name)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StoreUnavailable(f"{path}: {exc.strerror}") from exc
        return decode(text, str(path))

    def write(self, name: str, document: JSONObject) -> None:
        """Atomic: a reader, or a power cut, finds the old file or the new one."""
        path, text = self._path(name), encode(document, indent=2)
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=f".{name}.")
        except OSError as exc:
            raise StoreUnavailable(f"{path}: {exc.strerror}") from exc
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError as exc:
            Path(temporary).unlink(missing_ok=True)
            raise StoreUnavailable(f"{path}: {exc.strerror}") from exc

    def _path(self, name: str) -> Path:
        return self._directory / f"{name.replace('/', '_')}.json"
