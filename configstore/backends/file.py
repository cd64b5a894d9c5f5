"""Documents as files: NAME.json in one folder, readable by the owner alone."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.core.files import locks

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    JSONObject,
    StoreUnavailable,
    Texts,
    Version,
)
from configstore.backends.json_text import decode, encode, version_of_text

LOCK_SECONDS = 2.0


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

    def glance(self, names: Sequence[str]) -> Texts | None:
        try:
            return tuple(_bytes(self._path(name)) for name in names)
        except OSError as exc:
            raise StoreUnavailable(f"{self._directory}: {exc.strerror}") from exc

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        """Atomic: a reader, or a power cut, finds the old file or the new one."""
        path = self._path(name)
        text = None if document is None else encode(document, indent=2)
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._lock():
                if expected is not None and version_of_text(_bytes(path)) != expected:
                    raise DocumentChanged(name)
                if text is None:
                    path.unlink(missing_ok=True)
                else:
                    self._replace(path, text)
        except OSError as exc:
            raise StoreUnavailable(f"{path}: {exc.strerror or exc}") from exc

    def _replace(self, path: Path, text: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=f".{path.stem}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Writers of one folder take turns. Raises TimeoutError."""
        ends = time.monotonic() + LOCK_SECONDS
        with (self._directory / ".lock").open("ab") as file:
            while not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
                if time.monotonic() > ends:
                    raise TimeoutError("another process is writing there")
                time.sleep(0.01)
            yield

    def _path(self, name: str) -> Path:
        return self._directory / f"{name.replace('/', '_')}.json"


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
