"""What a store for documents is.

A backend holds each document as one JSON object under its name. The grammar is that of
Django's cache backends: one class a technology, built from OPTIONS in the settings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

JSONObject = dict[str, Any]
Texts = tuple[bytes | None, ...]
Version = str
"""Names the content of a document: the same content has the same version in every store."""


class StoreUnavailable(Exception):
    """The store could not be asked. Says nothing about what it holds."""


class DocumentCorrupt(Exception):
    """The store answered, but not with a JSON object. text is what it said."""

    def __init__(self, problem: str, text: str = "") -> None:
        super().__init__(problem)
        self.text = text


class DocumentChanged(Exception):
    """The store holds another version than the writer expected; nothing was written."""


class ConfigBackend(ABC):
    """label names the store to a person: "Redis", "file"."""

    label: str

    @abstractmethod
    def read(self, name: str) -> JSONObject | None:
        """The document, None if the store has none.

        Raises StoreUnavailable or DocumentCorrupt.
        """

    def glance(self, names: Sequence[str]) -> Texts | None:
        """What the store holds under these names as it stands there, by one question; None if it
        has to be asked for each of them. Raises StoreUnavailable."""
        return None

    def has_forgotten(self, name: str) -> bool:
        """Whether the store lost the document, rather than somebody removing it. A store that
        cannot lose what it took never has."""
        return False

    @abstractmethod
    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        """Replace the document as a whole; None removes it.

        With expected, only if the store holds that version; else DocumentChanged is raised.
        Raises StoreUnavailable.
        """
