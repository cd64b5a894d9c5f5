"""How a save reaches the stores that were away when it was made."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable, Version
from configstore.backends.fallback import FallbackChain, Reading, Written
from configstore.backends.json_text import ABSENT, version_of
from configstore.keeping import Keeper, Pending

logger = logging.getLogger(__name__)
TRY_AGAIN_SECONDS = 5.0
TRIES = 20
OURS = 50


class Carrier:
    """The first store of the chain decides: what somebody changed there while it was away from
    us is newer than what we have saved. Those below hold copies."""

    def __init__(
        self,
        chain: FallbackChain,
        keeper: Keeper,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chain = chain
        self._keeper = keeper
        self._monotonic = monotonic
        self._try_again_at: dict[tuple[str, str], float] = {}

    def write(self, name: str, document: JSONObject | None, reading: Reading) -> Written:
        """Write to all stores, and remember those that have to get it later.

        Raises DocumentChanged, and StoreUnavailable if no store took it.
        """
        written = self._chain.write(name, document, reading)
        try:
            self._remember(name, document, written, reading.seen)
        except StoreUnavailable as exc:
            if self._top in written.missed:
                raise
            logger.warning("%s did not reach %s: %s", name, ", ".join(written.missed), exc)
        return written

    def outranks(self, pending: Pending, reading: Reading) -> bool:
        """Whether what is pending is in force, whatever the stores below say: the first store
        still has to get it, or has been told that there is no document any more."""
        removed = pending.document is None and reading.seen.get(self._top) == ABSENT
        return self._is_waiting(pending) or removed

    def carry(
        self, name: str, pending: Pending, reading: Reading
    ) -> tuple[Reading, Pending | None]:
        """Bring what is pending to those stores that answer again. What the chain holds then,
        and what is still pending."""
        if self._is_changed_by_others(pending, reading):
            return self._give_way(name, pending, reading)
        newest = pending
        if not self._is_waiting(pending) and reading.source == self._top and not reading.fault:
            newest = replace(pending, document=reading.document)
        left: list[str] = []
        for label in self._chain.labels():  # one that is out of the chain by now is forgotten
            if label in pending.missed and not (
                self._may_try(label, name, reading)
                and self._bring(label, name, newest, reading, self._top in left)
            ):
                left.append(label)
        if tuple(left) == pending.missed:
            return reading, pending
        rest = replace(pending, missed=tuple(left)) if left else None
        if not self._replace(name, pending, rest):
            rest = self._keeper.pending(name)
        return self._chain.read(name), rest

    def _is_waiting(self, pending: Pending) -> bool:
        return self._top in pending.missed

    @property
    def _top(self) -> str:
        return self._chain.labels()[0]

    def _is_changed_by_others(self, pending: Pending, reading: Reading) -> bool:
        held = reading.seen.get(self._top)
        if held is None or not self._is_waiting(pending):
            return False
        return not _is_replaceable(held, self._top, pending)

    def _bring(
        self, label: str, name: str, pending: Pending, reading: Reading, top_is_away: bool
    ) -> bool:
        """Whether the store has it now."""
        try:
            held = None
            if label == self._top:
                held = reading.seen[label]
            elif label in pending.bases and top_is_away:
                held = self._chain.version(label, name)
                if not _is_replaceable(held, label, pending):
                    return False
            self._chain.write_one(label, name, pending.document, held)
        except StoreUnavailable:
            self._try_again_at[name, label] = self._monotonic() + TRY_AGAIN_SECONDS
            return False
        except DocumentChanged:
            return False  # this very moment; the next reading will tell what it is
        logger.info("%s, saved while %s was away, is there now.", name, label)
        return True

    def _give_way(
        self, name: str, pending: Pending, reading: Reading
    ) -> tuple[Reading, Pending | None]:
        """Somebody changed the document in the first store while it was away from us: that is
        the newer truth, and the others get it."""
        if reading.fault:
            return reading, pending
        rest = Pending(document=reading.document, missed=self._chain.labels()[1:])
        if not self._replace(name, pending, rest if rest.missed else None):
            return reading, self._keeper.pending(name)
        logger.warning(
            "%s was saved while %s was away, and meanwhile changed there: what %s holds is in "
            "force. The other save is in the history and can be restored.",
            name,
            self._top,
            self._top,
        )
        return self.carry(name, rest, reading)

    def _remember(
        self,
        name: str,
        document: JSONObject | None,
        written: Written,
        seen: Mapping[str, Version],
    ) -> None:
        """Unless somebody has saved something newer meanwhile. Raises StoreUnavailable."""
        labels = self._chain.labels()
        above = labels[: labels.index(written.taken[0])]
        for _ in range(TRIES):
            before = self._keeper.pending(name)
            if not before and not written.missed:
                return
            if not self._still_holds(written.taken[0], name, document):
                return
            bases = {**self._bases(name), **(before.bases if before else {}), **seen}
            new = Pending(
                document=document,
                missed=written.missed,
                bases={label: bases.get(label, ABSENT) for label in above},
                ours=(*before.ours, version_of(before.document))[-OURS:] if before else (),
            )
            if self._keeper.set_pending(name, before, new if new.missed else None):
                return
        raise StoreUnavailable(f"others keep saving {name}")

    def _still_holds(self, label: str, name: str, document: JSONObject | None) -> bool:
        try:
            return self._chain.version(label, name) == version_of(document)
        except StoreUnavailable:
            return True

    def _replace(self, name: str, old: Pending, new: Pending | None) -> bool:
        """False if something else has been saved meanwhile, or cannot be remembered."""
        try:
            return self._keeper.set_pending(name, old, new)
        except StoreUnavailable as exc:
            logger.debug("pending %s stays: %s", name, exc)
            return False

    def _may_try(self, label: str, name: str, reading: Reading) -> bool:
        """A store that the reading has just asked answers, others would keep us waiting."""
        if label in reading.passed_over:
            return False
        if self._monotonic() < self._try_again_at.get((name, label), 0.0):
            return False
        return label in reading.seen or not self._chain.is_left_alone(label)

    def _bases(self, name: str) -> dict[str, Version]:
        kept = self._keeper.last_good(name)
        return dict(kept.seen) if kept else {}


def _is_replaceable(held: Version, label: str, pending: Pending) -> bool:
    """A store that came back empty has lost the document; nobody has changed it there."""
    replaceable = {ABSENT, pending.bases.get(label), version_of(pending.document), *pending.ours}
    return held in replaceable
