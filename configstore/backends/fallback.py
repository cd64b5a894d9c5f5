"""Several stores, asked in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from configstore.backends.base import (
    ConfigBackend,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
)

logger = logging.getLogger(__name__)
LEFT_ALONE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the chain answered.

    document None: every store was asked and none has it. source is the label of the store
    that answered. passed_over names the stores ranked above it that could not be asked: the
    document may be older than what they hold.
    """

    document: JSONObject | None
    source: str
    passed_over: tuple[str, ...] = ()


class FallbackChain:
    """Reads from the first store that has the document, writes to the first that takes it."""

    def __init__(
        self, backends: list[ConfigBackend], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.backends = backends
        self._monotonic = monotonic
        self._unavailable: set[str] = set()
        self._ask_again_at: dict[str, float] = {}

    def read(self, name: str) -> Reading:
        """Raises StoreUnavailable if a store could not be asked and no other has the document:
        that is not the same as having none. Raises DocumentCorrupt."""
        passed_over: list[str] = []
        for backend in self.backends:
            if self._left_alone(backend):
                passed_over.append(backend.label)
                continue
            try:
                document = backend.read(name)
            except StoreUnavailable as exc:
                self._lost(backend, exc)
                passed_over.append(backend.label)
                continue
            except DocumentCorrupt:
                self._answered(backend)
                raise
            self._answered(backend)
            if document is not None:
                return Reading(
                    document=document, source=backend.label, passed_over=tuple(passed_over)
                )
        if passed_over:
            raise StoreUnavailable(f"{', '.join(passed_over)} could not be asked for {name}")
        return Reading(document=None, source="defaults")

    def write(self, name: str, document: JSONObject) -> str:
        """The label of the store that took it. Raises StoreUnavailable if none did."""
        for backend in self.backends:
            try:
                backend.write(name, document)
            except StoreUnavailable as exc:
                self._lost(backend, exc)
                continue
            self._answered(backend)
            return backend.label
        raise StoreUnavailable(f"no store took {name}")

    def unavailable(self) -> frozenset[str]:
        """Labels of the stores that did not answer when they were last asked."""
        return frozenset(self._unavailable)

    def _left_alone(self, backend: ConfigBackend) -> bool:
        """A store that has just kept us waiting is not waited for again at once: several
        documents are read in a row."""
        return self._monotonic() < self._ask_again_at.get(backend.label, 0.0)

    def _lost(self, backend: ConfigBackend, error: StoreUnavailable) -> None:
        """Said once for each change of state, not for each read."""
        self._ask_again_at[backend.label] = self._monotonic() + LEFT_ALONE_SECONDS
        if backend.label in self._unavailable:
            return
        self._unavailable.add(backend.label)
        logger.warning(
            "Configuration store %s cannot be reached (%s). The next store, or the last good "
            "document, is used until it is back.",
            backend.label,
            error,
        )

    def _answered(self, backend: ConfigBackend) -> None:
        if backend.label in self._unavailable:
            self._unavailable.discard(backend.label)
            logger.info("Configuration store %s answers again.", backend.label)
