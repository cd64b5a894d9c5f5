"""The configuration in force: read through the chain, kept through any outage."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from configstore.backends.base import DocumentChanged, JSONObject, Version
from configstore.backends.fallback import FallbackChain, Reading, Written
from configstore.backends.json_text import pretty, version_of
from configstore.carrying import Carrier
from configstore.current import ConfigurationUnknown as ConfigurationUnknown
from configstore.current import Current, DocumentFaulty, Held
from configstore.document import Document, describe
from configstore.glance import Glance
from configstore.keeping import LAST_GOOD, Keeper, LastGood, Pending
from configstore.patience import Patience
from configstore.restoring import Restorer

logger = logging.getLogger(__name__)
REFRESH_SECONDS = 2.0
TRIES = 100
WAITING = "saved here, waiting for a store that is away"
Seen = Mapping[str, Version]
D = TypeVar("D", bound=Document)


class ConfigStore:
    """Documents by type and name. A document is read again when it is two seconds old; get() goes
    on with the one before where a store keeps that waiting. A long-running process has a thread
    that calls refresh() instead, and watched set: get() then waits for the first read alone."""

    def __init__(
        self,
        chain: FallbackChain,
        keeper: Keeper,
        defaults: Mapping[str, JSONObject],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chain = chain
        self.watched = False
        self._keeper = keeper
        self._carrier = Carrier(chain, keeper, monotonic)
        self._restorer = Restorer(chain, keeper)
        self._glance = Glance(chain, keeper, monotonic)
        self._defaults = defaults
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self.patience = Patience()
        self._held: dict[str, Held] = {}
        self._blamed: dict[str, str] = {}

    def get(self, kind: type[D], name: str = "") -> D:
        """The document in force. Raises ConfigurationUnknown."""
        name = name or kind.NAME
        held = self._held.get(name)
        if held is None:
            return self.current(kind, name).document
        if not (self.watched or self._monotonic() - held.read_at < REFRESH_SECONDS):
            self.patience.read(name, lambda: self.current(kind, name))
        return self._held[name].document  # type: ignore[return-value]  # held under its type's name

    def current(self, kind: type[D], name: str = "") -> Current[D]:
        """Read again now. Raises ConfigurationUnknown."""
        with self._lock:
            return self._read(kind, name or kind.NAME)[0]

    def refresh(self) -> bool:
        """Read every document again that has been asked for. True if one has changed. Raises
        ConfigurationUnknown."""
        before = {name: held.document for name, held in list(self._held.items())}

        def read() -> bool:
            after = {name: self.current(type(old), name).document for name, old in before.items()}
            return before != after

        return self._glance.changed(tuple(before), read)

    def save(
        self, kind: type[D], name: str, raw: JSONObject | None, expected: Version | None = None
    ) -> Written:
        """Replace the stored document, None removes it, and put it in force here.

        With expected, only if the stores hold that version: DocumentChanged otherwise. Raises
        ValidationError, StoreUnavailable if no store took it, ConfigurationUnknown.
        """
        with self._lock:
            self._load(kind, name, raw)
            version, reading = self._stored(kind, name)
            if expected is not None and version != expected:
                raise DocumentChanged(name)
            written = self._carrier.write(name, raw, reading)
            self._read(kind, name)
            if self._held[name].raw == raw:
                self._keep(name, self._held[name], dict.fromkeys(written.taken, version_of(raw)))
            return written

    def update(
        self, kind: type[D], name: str, change: Callable[[JSONObject], JSONObject]
    ) -> Written:
        """Save what `change` makes of the stored document, again if somebody else was faster.

        Raises ConfigurationUnknown also while the stored document is faulty: nobody knows what
        would be lost with it. Raises what `change` and save() raise.
        """
        for _ in range(TRIES):
            current = self.current(kind, name)
            if current.fault:
                raise ConfigurationUnknown(current.fault)
            try:
                return self.save(kind, name, change(dict(current.raw or {})), current.version)
            except DocumentChanged:
                time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  # jitter, not a secret
        raise DocumentChanged(name)

    def source(self, name: str) -> str:
        """Which store gave the document in force; LAST_GOOD while it cannot be asked again."""
        held = self._held.get(name)
        if held and self.patience.at_an_end and self._monotonic() - held.read_at >= REFRESH_SECONDS:
            return LAST_GOOD
        return held.source if held else "not read yet"

    def fault(self, name: str) -> str:
        """What is wrong with the stored document, "" if nothing is known to be."""
        held = self._held.get(name)
        return held.fault if held else self._blamed.get(name, "")

    def default(self, kind: type[Document], name: str) -> JSONObject:
        """The fields that the environment supplies to the document of this name."""
        return kind.supplied(name, self._defaults.get(kind.NAME, {}))

    def _stored(self, kind: type[D], name: str) -> tuple[Version, Reading]:
        try:
            current, reading = self._read(kind, name)
        except DocumentFaulty as exc:  # to save a good one is what mends that
            return exc.reading.version, exc.reading
        return current.version, reading

    def _read(self, kind: type[D], name: str) -> tuple[Current[D], Reading]:
        reading = self._restorer.restore(name, self.chain.read(name))
        pending = self._keeper.pending(name)
        if pending is not None:
            reading, pending = self._carrier.carry(name, pending, reading)
        waiting = pending if pending and self._carrier.outranks(pending, reading) else None
        known = self._known(kind, name, waiting) if waiting or reading.passed_over else None
        if known is not None:
            if reading.fault:
                known.fault = reading.fault
                self._blame(name, reading.fault)
            self._held[name] = known
            return self._current(known, reading, pending, version_of(known.raw)), reading
        if reading.passed_over and reading.document is None and not reading.fault:
            away = ", ".join(reading.passed_over)
            raise ConfigurationUnknown(
                f"{name} cannot be read from any store ({away} cannot be reached), "
                "and none was read before"
            )
        held = self._judge(kind, name, reading)
        self._held[name] = held
        return self._current(held, reading, pending, reading.version), reading

    def _known(self, kind: type[D], name: str, waiting: Pending | None) -> Held | None:
        """What outranks the answer of a lower store while a higher one is away: what was saved
        meanwhile, else what the higher one said last."""
        if waiting is not None:
            try:
                return self._make(kind, name, waiting.document, WAITING, waiting.bases)
            except ValidationError as exc:
                self._blame(name, f"what was saved of {name} is faulty: {describe(exc)}")
        held = self._held.get(name)
        if held is None or not self._keeper.is_current(name, held.raw):
            # Another process of this machine may have read it later than this one.
            held = self._from_last_good(kind, name) or held
        if held is not None:
            held.read_at, held.source = self._monotonic(), LAST_GOOD
        return held

    def _judge(self, kind: type[D], name: str, reading: Reading) -> Held:
        """What the stores hold, or the last good document if that makes no sense."""
        held = self._held.get(name)
        fault = reading.fault
        if not fault and held and not held.fault and held.raw == reading.document:
            held.read_at, held.source = self._monotonic(), reading.source
            self._keep(name, held, reading.seen)
            return held
        if not fault:
            try:
                fresh = self._make(kind, name, reading.document, reading.source, {})
            except ValidationError as exc:
                fault = f"{reading.source} holds a faulty {name}: {describe(exc)}"
            else:
                self._blamed.pop(name, None)
                self._keep(name, fresh, reading.seen)
                return fresh
        self._blame(name, fault)
        good = held or self._from_last_good(kind, name)
        if good is None:
            raise DocumentFaulty(f"{fault}, and no good {name} was read before", reading)
        good.fault, good.read_at, good.source = fault, self._monotonic(), LAST_GOOD
        return good

    def _from_last_good(self, kind: type[D], name: str) -> Held | None:
        kept = self._keeper.last_good(name)
        if kept is None:
            return None
        try:
            return self._make(kind, name, kept.document, LAST_GOOD, kept.seen)
        except ValidationError as exc:
            raise ConfigurationUnknown(f"{name}: the last good copy is damaged") from exc

    def _make(
        self, kind: type[D], name: str, raw: JSONObject | None, source: str, seen: Seen
    ) -> Held:
        return Held(self._load(kind, name, raw), raw, source, self._monotonic(), seen=seen)

    def _load(self, kind: type[D], name: str, raw: JSONObject | None) -> D:
        return kind.model_validate({**self.default(kind, name), **(raw or {})})

    def _keep(self, name: str, held: Held, asked: Seen) -> None:
        seen = {**held.seen, **asked}
        if seen == held.seen:
            return
        kept = self._keeper.last_good(name)
        held.seen = {**(kept.seen if kept else {}), **seen}
        self._keeper.keep(name, LastGood(document=held.raw, seen=held.seen))

    def _current(
        self, held: Held, reading: Reading, pending: Pending | None, version: Version
    ) -> Current[Any]:
        return Current(
            document=held.document,
            raw=held.raw,
            version=version,
            source=held.source,
            fault=held.fault,
            text=reading.text or (pretty(reading.document) if held.fault else ""),
            passed_over=reading.passed_over,
            missed=pending.missed if pending else (),
        )

    def _blame(self, name: str, fault: str) -> None:
        if self._blamed.get(name) != fault:
            self._blamed[name] = fault
            logger.error("%s. The last good %s stays in force; repair it.", fault, name)
