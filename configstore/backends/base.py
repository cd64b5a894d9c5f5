"""What a store for documents is.

A backend holds each document as one JSON object under its name. The grammar is that of
Django's cache backends: one class a technology, built from OPTIONS in the settings.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

JSONObject = dict[str, Any]


class StoreUnavailable(Exception):
    """The store could not be asked. Says nothing about what it holds."""


class DocumentCorrupt(Exception):
    """The store answered, but not with a JSON object."""


class ConfigBackend(ABC):
    """label names the store to a person: "Redis", "file"."""

    label: str

    @abstractmethod
    def read(self, name: str) -> JSONObject | None:
        """The document, None if the store has none.

        Raises StoreUnavailable or DocumentCorrupt.
        """

    @abstractmethod
    def write(self, name: str, document: JSONObject) -> None:
        """Replace the document as a whole. Raises StoreUnavailable."""
