"""How a save reaches the stores that were away when it was made."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from configstore.backends.base import (
    DocumentChanged,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.fallback import FallbackChain, Reading, Written
from configstore.backends.json_text import ABSENT, version_of
from configstore.keeping import Keeper, Pending

logger = logging.getLogger(__name__)
TRY_AGAIN_SECONDS = 5.0


class Carrier:
    def __init__(
        self,
        chain: FallbackChain,
        keeper: Keeper,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chain = chain
        self._keeper = keeper
        self._monotonic = monotonic
        self._tried_at: dict[str, float] = {}

    def write(self, name: str, document: JSONObject | None, reading: Reading) -> Written:
        """Write to all stores, and remember those that have to get it later.

        Raises DocumentChanged, and StoreUnavailable if no store took it.
        """
        before = self._keeper.pending(name)
        bases = {**self._bases(name), **(before.bases if before else {})}
        written = self._chain.write(name, document, reading.seen)
        above = set(self._above(written.taken[0]))
        pending = Pending(
            document=document,
            missed=written.missed,
            bases={label: bases.get(label, ABSENT) for label in written.missed if label in above},
        )
        if written.missed:
            self._remember(name, pending, needed=bool(pending.bases))
        elif before is not None:
            self._keeper.replace_pending(name, before, None)
        return written

    def carry(
        self, name: str, pending: Pending, reading: Reading
    ) -> tuple[Reading, Pending | None]:
        """Bring what is pending to those stores that answer again. What the chain holds then,
        and what is still pending."""
        left = list(pending.missed)
        for label in pending.missed:
            if label in reading.passed_over or not self._may_try(label, reading):
                continue
            try:
                self._bring(label, name, pending)
            except StoreUnavailable:
                continue
            except DocumentChanged:
                return self._give_way(label, name, pending)
            left.remove(label)
            logger.info("%s, saved while %s was away, is there now.", name, label)
        if len(left) == len(pending.missed):
            return reading, pending
        rest = replace(pending, missed=tuple(left)) if left else None
        self._keeper.replace_pending(name, pending, rest)
        return self._chain.read(name), rest

    def _bring(self, label: str, name: str, pending: Pending) -> None:
        """Raises DocumentChanged if a store that outranks ours holds something newer."""
        base = pending.bases.get(label)
        try:
            self._chain.write_one(label, name, pending.document, base)
        except DocumentChanged:
            # Another process of this machine may have brought it a moment ago.
            self._chain.write_one(label, name, pending.document, version_of(pending.document))

    def _give_way(self, label: str, name: str, pending: Pending) -> tuple[Reading, Pending | None]:
        """Somebody changed the document in a higher store while it was away from us: that is
        the newer truth, and the others get it."""
        logger.warning(
            "%s was saved while %s was away, and meanwhile changed there: what %s holds is in "
            "force. The other save is in the history and can be restored.",
            name,
            label,
            label,
        )
        reading = self._chain.read(name)
        self._keeper.replace_pending(name, pending, None)
        if reading.fault or reading.passed_over or reading.document is None:
            return reading, None
        below = self._chain.labels()[self._chain.labels().index(reading.source) + 1 :]
        rest = Pending(document=reading.document, missed=below)
        if below:
            self._remember(name, rest, needed=False)
        return self.carry(name, rest, reading) if below else (reading, None)

    def _remember(self, name: str, pending: Pending, needed: bool) -> None:
        try:
            self._keeper.set_pending(name, pending)
        except StoreUnavailable as exc:
            if needed:
                raise
            logger.warning("%s did not reach %s: %s", name, ", ".join(pending.missed), exc)

    def _may_try(self, label: str, reading: Reading) -> bool:
        """A store that the reading has just asked answers; others are tried now and then."""
        if label in reading.seen:
            return True
        now = self._monotonic()
        if now - self._tried_at.get(label, -TRY_AGAIN_SECONDS) < TRY_AGAIN_SECONDS:
            return False
        self._tried_at[label] = now
        return True

    def _bases(self, name: str) -> dict[str, Version]:
        kept = self._keeper.last_good(name)
        return dict(kept.seen) if kept else {}

    def _above(self, label: str) -> tuple[str, ...]:
        labels = self._chain.labels()
        return labels[: labels.index(label)]
