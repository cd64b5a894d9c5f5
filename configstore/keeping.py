"""What this machine remembers of the documents while stores are away.

Two folders of files: last_good, each document as it was last read, and pending, each document
that was saved and has not reached every store yet. All processes of the machine share them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
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
# As the source of a document in force.
LAST_GOOD = "last good copy"


@dataclass(frozen=True, kw_only=True)
class LastGood:
    """document None: no store had one. seen is what each store held when it was last asked."""

    document: JSONObject | None
    seen: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A saved document, and the stores that still have to get it. bases is what those that
    outrank the stores that took it held before: only that may be replaced, or one of ours, the
    saves before this one that may have got there."""

    document: JSONObject | None
    missed: tuple[str, ...]
    bases: Mapping[str, Version] = field(default_factory=dict)
    ours: tuple[Version, ...] = ()


class Keeper:
    """Raises nothing of its own: a disk that fails is said once a document and endured."""

    def __init__(self, last_good: ConfigBackend, pending: ConfigBackend) -> None:
        self._last_good = last_good
        self._pending = pending
        self._complained: set[str] = set()
        self._unkept: set[str] = set()

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
            self._unkept.add(name)
            self._complain(name, exc)
        else:
            self._unkept.discard(name)

    def is_current(self, name: str, document: JSONObject | None) -> bool:
        """Whether this document is what is kept, or would be if the disk took it."""
        if name in self._unkept:
            return True
        kept = self.last_good(name)
        return kept is None or kept.document == document

    def has_pending(self, names: Sequence[str]) -> bool:
        """Whether any of these may be pending."""
        try:
            texts = self._pending.glance(names)
        except StoreUnavailable:
            return True
        return texts is None or any(text is not None for text in texts)

    def pending(self, name: str) -> Pending | None:
        return _pending(self._read(self._pending, name))

    def set_pending(self, name: str, old: Pending | None, new: Pending | None) -> bool:
        """False, and nothing is done, if another one than old is pending by now.

        Raises StoreUnavailable: what nobody remembers would be lost with this process.
        """
        if old is None and new is None:
            return True
        content = None if new is None else _content(new)
        try:
            self._pending.write(name, content, version_of(None if old is None else _content(old)))
        except DocumentChanged:
            if old is not None or self.pending(name) is not None:
                return False
            self._pending.write(name, content)  # in the place of one that cannot be read
        return True

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
        "ours": list(pending.ours),
    }


def _pending(content: JSONObject | None) -> Pending | None:
    if content is None or not _is_optional_object(content.get("document", 0)):
        return None
    missed, bases, ours = content.get("missed"), content.get("bases"), content.get("ours")
    if not isinstance(missed, list) or not isinstance(bases, dict) or not isinstance(ours, list):
        return None
    return Pending(
        document=content["document"], missed=tuple(missed), bases=bases, ours=tuple(ours)
    )


def _is_optional_object(value: Any) -> bool:
    return value is None or isinstance(value, dict)
