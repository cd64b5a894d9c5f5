"""What this machine remembers of the documents while stores are away.

Two folders of files: last_good, each document as it was last read, and pending, each document
that was saved and has not reached every store yet. All processes of the machine share them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from configstore.backends.base import (
    ConfigBackend,
    DocumentChanged,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.file import FileBackend
from configstore.backends.json_text import version_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LastGood:
    """document None: no store had one. seen is what each store held when it was last asked."""

    document: JSONObject | None
    seen: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A saved document, and the stores that still have to get it. bases is what those that
    outrank the stores that took it held before: only that may be replaced."""

    document: JSONObject | None
    missed: tuple[str, ...]
    bases: Mapping[str, Version] = field(default_factory=dict)


class Keeper:
    """Raises nothing of its own: a disk that fails is said once a document and endured."""

    def __init__(self, last_good: ConfigBackend, pending: ConfigBackend) -> None:
        self._last_good = last_good
        self._pending = pending
        self._complained: set[str] = set()

    @classmethod
    def in_folder(cls, folder: Path) -> Keeper:
        return cls(
            FileBackend(directory=folder / "last_good"), FileBackend(directory=folder / "pending")
        )

    def last_good(self, name: str) -> LastGood | None:
        """None if there is none, or none that can be read."""
        kept = self._read(self._last_good, name)
        if kept is None or not _is_optional_object(kept.get("document", 0)):
            return None
        seen = kept.get("seen")
        return LastGood(document=kept["document"], seen=seen if isinstance(seen, dict) else {})

    def keep(self, name: str, last_good: LastGood) -> None:
        # Absence is kept too: a restart during an outage must not have to guess.
        content = {"document": last_good.document, "seen": dict(last_good.seen)}
        try:
            self._last_good.write(name, content)
        except StoreUnavailable as exc:
            self._complain(name, exc)

    def pending(self, name: str) -> Pending | None:
        return _pending(self._read(self._pending, name))

    def set_pending(self, name: str, pending: Pending) -> None:
        """Raises StoreUnavailable: what nobody remembers would be lost with this process."""
        self._pending.write(name, _content(pending))

    def replace_pending(self, name: str, old: Pending, new: Pending | None) -> None:
        """Unless somebody has saved something else meanwhile."""
        try:
            content = None if new is None or not new.missed else _content(new)
            self._pending.write(name, content, expected=version_of(_content(old)))
        except (DocumentChanged, StoreUnavailable) as exc:
            logger.debug("pending %s stays: %s", name, exc)

    def _read(self, shelf: ConfigBackend, name: str) -> JSONObject | None:
        try:
            return shelf.read(name)
        except (StoreUnavailable, DocumentCorrupt) as exc:
            self._complain(name, exc)
            return None

    def _complain(self, name: str, error: Exception) -> None:
        if name not in self._complained:
            self._complained.add(name)
            logger.warning("The last good %s cannot be kept on disk: %s", name, error)


def _content(pending: Pending) -> JSONObject:
    return {
        "document": pending.document,
        "missed": list(pending.missed),
        "bases": dict(pending.bases),
    }


def _pending(content: JSONObject | None) -> Pending | None:
    if content is None or not _is_optional_object(content.get("document", 0)):
        return None
    missed, bases = content.get("missed"), content.get("bases")
    if not isinstance(missed, list) or not isinstance(bases, dict):
        return None
    return Pending(document=content["document"], missed=tuple(missed), bases=bases)


def _is_optional_object(value: Any) -> bool:
    return value is None or isinstance(value, dict)
