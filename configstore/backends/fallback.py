"""Several stores, asked in order."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from configstore.backends.base import (
    ConfigBackend,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
    Texts,
    Version,
)
from configstore.backends.json_text import ABSENT, version_of, version_of_corrupt

logger = logging.getLogger(__name__)
LEFT_ALONE_SECONDS = 1.0
# One that has kept us waiting, rather than refusing at once, would soon do so again.
SLOW_SECONDS = 0.5
SLOW_LEFT_ALONE_SECONDS = 5.0
FORGET_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the chain answered.

    document None: no store that was asked has it, or, with a fault, one has something that is
    no document; text is that. source is the label of the store that answered. passed_over names
    the stores ranked above it that could not be asked: the document may be older than what they
    hold. seen is what each store that was asked holds.
    """

    document: JSONObject | None
    source: str
    passed_over: tuple[str, ...] = ()
    fault: str = ""
    text: str = ""
    seen: Mapping[str, Version] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        return self.seen.get(self.source, ABSENT)


@dataclass(frozen=True, kw_only=True)
class Written:
    """Which stores took a document, and which have to get it later; the highest ranked first.
    in_history: False where a change by a person could not be written there."""

    taken: tuple[str, ...]
    missed: tuple[str, ...] = ()
    in_history: bool = True


class FallbackChain:
    """Reads from the first store that has the document. Writes to all: what stands in a store
    below is what is read when those above are away."""

    def __init__(
        self, backends: list[ConfigBackend], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.backends = backends
        self._monotonic = monotonic
        self._unavailable: set[str] = set()
        self._refused_at: dict[str, float] = {}
        self._ask_again_at: dict[str, float] = {}

    def read(self, name: str) -> Reading:
        passed_over: list[str] = []
        seen: dict[str, Version] = {}
        for backend in self.backends:
            label = backend.label
            try:
                document = self._ask(backend, name)
            except StoreUnavailable:
                passed_over.append(label)
                continue
            except DocumentCorrupt as exc:
                return Reading(
                    document=None,
                    source=label,
                    passed_over=tuple(passed_over),
                    fault=str(exc),
                    text=exc.text,
                    seen=seen | {label: version_of_corrupt(exc)},
                )
            seen[label] = version_of(document)
            if document is not None:
                return Reading(
                    document=document, source=label, passed_over=tuple(passed_over), seen=seen
                )
        return Reading(document=None, source="defaults", passed_over=tuple(passed_over), seen=seen)

    def glance(self, names: Sequence[str]) -> Texts | None:
        """What read() would find, as it stands there: of each store in turn what those before it
        do not have. None if that cannot be told by one question a store."""
        texts: Texts = ()
        for backend in self.backends:
            if not names:
                break
            begun = self._monotonic()
            try:
                found = None if self.is_left_alone(backend.label) else backend.glance(names)
            except StoreUnavailable as exc:
                self._lost(backend, exc, begun)
                return None
            if found is None:
                return None
            texts += found
            names = [name for name, text in zip(names, found, strict=True) if text is None]
        return texts

    def write(self, name: str, document: JSONObject | None, reading: Reading) -> Written:
        """The first store to take it does so only if it still holds what the reading found; it
        is the truth from then on, and those below get a copy.

        Raises DocumentChanged, and StoreUnavailable if none took it.
        """
        taken: list[str] = []
        missed: list[str] = []
        for label in self.labels():
            try:
                expected = None if taken else self._expected(label, name, reading)
                self.write_one(label, name, document, expected)
            except StoreUnavailable:
                missed.append(label)
            else:
                taken.append(label)
        if not taken:
            raise StoreUnavailable(f"no store took {name}")
        return Written(taken=tuple(taken), missed=tuple(missed))

    def write_one(
        self, label: str, name: str, document: JSONObject | None, expected: Version | None
    ) -> None:
        """Raises DocumentChanged or StoreUnavailable."""
        backend = self._backend(label)
        begun = self._monotonic()
        try:
            backend.write(name, document, expected)
        except StoreUnavailable as exc:
            self._refused(backend, exc, begun)
            raise
        self._took(backend)

    def version(self, label: str, name: str) -> Version:
        """What this store holds. Raises StoreUnavailable."""
        try:
            return version_of(self._ask(self._backend(label), name))
        except DocumentCorrupt as exc:
            return version_of_corrupt(exc)

    def has_forgotten(self, label: str, name: str) -> bool:
        return any(
            backend.label == label and backend.has_forgotten(name) for backend in self.backends
        )

    def labels(self) -> tuple[str, ...]:
        return tuple(backend.label for backend in self.backends)

    def unavailable(self) -> frozenset[str]:
        """Labels of the stores that did not answer, or not take, when they were last asked."""
        refusing = {label for label in self._refused_at if self._is_refusing(label)}
        return frozenset(self._unavailable | refusing)

    def is_left_alone(self, label: str) -> bool:
        """Whether the store has kept us waiting a moment ago."""
        return self._monotonic() < self._ask_again_at.get(label, 0.0)

    def _backend(self, label: str) -> ConfigBackend:
        return next(backend for backend in self.backends if backend.label == label)

    def _expected(self, label: str, name: str, reading: Reading) -> Version:
        """Raises StoreUnavailable for a store that was away when the document was read: nobody
        knows what would be replaced there."""
        if label in reading.passed_over:
            raise StoreUnavailable("away when it was asked")
        found = reading.seen.get(label)
        return self.version(label, name) if found is None else found

    def _ask(self, backend: ConfigBackend, name: str) -> JSONObject | None:
        """A store that has just kept us waiting is not waited for again at once: several
        documents are read in a row."""
        if self.is_left_alone(backend.label):
            raise StoreUnavailable("left alone for a moment")
        begun = self._monotonic()
        try:
            document = backend.read(name)
        except StoreUnavailable as exc:
            self._lost(backend, exc, begun)
            raise
        except DocumentCorrupt:
            self._answered(backend)
            raise
        self._answered(backend)
        return document

    def _leave_alone(self, label: str, begun: float) -> None:
        now = self._monotonic()
        pause = LEFT_ALONE_SECONDS if now - begun < SLOW_SECONDS else SLOW_LEFT_ALONE_SECONDS
        self._ask_again_at[label] = now + pause

    def _lost(self, backend: ConfigBackend, error: StoreUnavailable, begun: float) -> None:
        """Said once for each change of state, not for each read."""
        self._leave_alone(backend.label, begun)
        if backend.label in self._unavailable:
            return
        self._unavailable.add(backend.label)
        logger.warning(
            "Configuration store %s cannot be reached (%s). The next store, or the last good "
            "document, is used until it is back.",
            backend.label,
            error,
        )

    def _refused(self, backend: ConfigBackend, error: StoreUnavailable, begun: float) -> None:
        """Reading may go well all the while, so this is a state of its own. It is forgotten
        when nobody has tried for a while: another process may have brought what was missed."""
        label, now = backend.label, self._monotonic()
        known = label in self._unavailable or self._is_refusing(label)
        self._leave_alone(label, begun)
        self._refused_at[label] = now
        if not known:
            logger.warning(
                "Configuration store %s takes no document (%s). It gets what it misses when it "
                "takes documents again.",
                *(label, error),
            )

    def _is_refusing(self, label: str) -> bool:
        return self._monotonic() - self._refused_at.get(label, -math.inf) < FORGET_SECONDS

    def _took(self, backend: ConfigBackend) -> None:
        said = self._is_refusing(backend.label) and backend.label not in self._unavailable
        self._refused_at.pop(backend.label, None)
        if said:
            logger.info("Configuration store %s takes documents again.", backend.label)
        self._answered(backend)

    def _answered(self, backend: ConfigBackend) -> None:
        self._ask_again_at.pop(backend.label, None)
        if backend.label in self._unavailable:
            self._unavailable.discard(backend.label)
            logger.info("Configuration store %s answers again.", backend.label)
