"""The configuration in force: read through the chain, kept through any outage."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from pydantic import ValidationError

from configstore.backends.base import ConfigBackend, DocumentCorrupt, JSONObject, StoreUnavailable
from configstore.backends.fallback import FallbackChain, Reading
from configstore.backends.file import FileBackend
from configstore.documents import Document, describe

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 2.0
D = TypeVar("D", bound=Document)


class InvalidConfigStore(ImproperlyConfigured):
    """CONFIG_STORES names a backend that cannot be built."""


class ConfigurationUnknown(Exception):
    """No store can be asked, and there is no last good document to go on with.

    Defaults would open gates that somebody may have closed, so nothing may be done.
    """


class ConfigStore:
    """Documents by type. A document is read again when it is two seconds old.

    A long-running process calls refresh() from a thread of its own instead, with watched
    set: then get() never waits for a store once a document has been read.
    """

    def __init__(
        self,
        chain: FallbackChain,
        last_good: ConfigBackend,
        defaults: dict[str, JSONObject],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chain = chain
        self._last_good = last_good
        self._defaults = defaults
        self.watched = False
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, Document]] = {}
        self._raw: dict[str, JSONObject | None] = {}
        self._faults: dict[str, str] = {}
        self._sources: dict[str, str] = {}

    def get(self, kind: type[D]) -> D:
        """The document in force. Raises ConfigurationUnknown."""
        read_at, held = self._held.get(kind.NAME, (0.0, None))
        if held is not None and (self.watched or self._monotonic() - read_at < REFRESH_SECONDS):
            return held  # type: ignore[return-value]  # held under its type's name
        return self._read_again(kind)

    def refresh(self) -> bool:
        """Read every document again that has been asked for. True if one has changed.

        Raises ConfigurationUnknown.
        """
        before = {name: document for name, (_, document) in list(self._held.items())}
        after = {name: self._read_again(type(document)) for name, document in before.items()}
        return before != after

    def _read_again(self, kind: type[D]) -> D:
        with self._lock:
            _, held = self._held.get(kind.NAME, (0.0, None))
            fresh = self._refresh(kind, held)
            self._held[kind.NAME] = (self._monotonic(), fresh)
            return fresh

    def set(self, document: Document) -> str:
        """Store it and put it in force here. The label of the store that took it.

        Raises StoreUnavailable.
        """
        raw = document.model_dump(mode="json")
        source = self.chain.write(document.NAME, raw)
        with self._lock:
            self._held[document.NAME] = (self._monotonic(), document)
            self._raw[document.NAME] = raw
            self._sources[document.NAME] = source
            self._keep(document.NAME, raw)
        return source

    def source(self, name: str) -> str:
        """Which store the document in force came from."""
        return self._sources.get(name, "not read yet")

    def fault(self, name: str) -> str:
        """What is wrong with the stored document, "" if nothing is known to be."""
        return self._faults.get(name, "")

    def _refresh(self, kind: type[D], held: Any) -> D:
        name = kind.NAME
        try:
            reading = self.chain.read(name)
        except StoreUnavailable:
            return held if held is not None else self._from_last_good(kind)
        except DocumentCorrupt as exc:
            self._blame(name, str(exc))
            return held if held is not None else self._from_last_good(kind)
        if reading.passed_over and (known := self._known_better(kind, held)):
            return known
        if held is not None and name in self._raw and reading.document == self._raw[name]:
            self._faults.pop(name, None)
            self._sources[name] = reading.source
            return held  # type: ignore[no-any-return]
        try:
            document = self._load(kind, reading.document)
        except ValidationError as exc:
            self._blame(name, f"{reading.source} holds a faulty {name}: {describe(exc)}")
            return held if held is not None else self._from_last_good(kind)
        self._accept(name, reading)
        return document

    def _known_better(self, kind: type[D], held: Any) -> D | None:
        """What a store that cannot be asked now said last: it outranks the one that answers."""
        if held is not None:
            return held  # type: ignore[no-any-return]
        try:
            return self._from_last_good(kind)
        except ConfigurationUnknown:
            return None

    def _load(self, kind: type[D], raw: JSONObject | None) -> D:
        return kind.model_validate(self._defaults.get(kind.NAME, {}) | (raw or {}))

    def _accept(self, name: str, reading: Reading) -> None:
        self._faults.pop(name, None)
        self._raw[name] = reading.document
        self._sources[name] = reading.source
        self._keep(name, reading.document)

    def _keep(self, name: str, raw: JSONObject | None) -> None:
        try:
            # Absence is remembered too: a restart during an outage must not have to guess.
            self._last_good.write(name, {"document": raw})
        except StoreUnavailable as exc:
            logger.warning("The last good %s cannot be kept on disk: %s", name, exc)

    def _from_last_good(self, kind: type[D]) -> D:
        try:
            kept = self._last_good.read(kind.NAME)
        except (StoreUnavailable, DocumentCorrupt) as exc:
            raise ConfigurationUnknown(f"{kind.NAME}: {exc}") from exc
        if kept is None:
            raise ConfigurationUnknown(
                f"{kind.NAME} cannot be read from any store, and none was read before"
            )
        try:
            document = self._load(kind, kept["document"])
        except (ValidationError, KeyError, TypeError) as exc:
            raise ConfigurationUnknown(f"{kind.NAME}: the last good copy is damaged") from exc
        self._sources[kind.NAME] = "last good copy"
        return document

    def _blame(self, name: str, fault: str) -> None:
        if self._faults.get(name) == fault:
            return
        self._faults[name] = fault
        logger.error("%s. The last good %s stays in force; repair it.", fault, name)


def build_backend(declaration: dict[str, Any]) -> ConfigBackend:
    try:
        backend = import_string(declaration["BACKEND"])
    except ImportError as exc:
        raise InvalidConfigStore(f"Cannot import {declaration['BACKEND']}: {exc}") from exc
    built: ConfigBackend = backend(**declaration.get("OPTIONS", {}))
    return built


def build_store() -> ConfigStore:
    """The store that the settings declare."""
    return ConfigStore(
        FallbackChain([build_backend(declaration) for declaration in settings.CONFIG_STORES]),
        FileBackend(directory=Path(settings.CONFIG_STORE_DIR) / "last_good"),
        settings.CONFIG_DEFAULTS,
    )


@cache
def config_store() -> ConfigStore:
    """The store of this process."""
    return build_store()
