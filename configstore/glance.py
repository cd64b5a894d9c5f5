"""Whether anything has changed in the stores: one question for all documents.

A process that has nothing to do reads its documents again every two seconds, and there may be
one for each of many mailboxes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from configstore.backends.base import Texts
from configstore.backends.fallback import FallbackChain
from configstore.keeping import Keeper

# Whatever a glance overlooks is found by reading.
READ_SECONDS = 30.0


class Glance:
    def __init__(
        self, chain: FallbackChain, keeper: Keeper, monotonic: Callable[[], float]
    ) -> None:
        self._chain = chain
        self._keeper = keeper
        self._monotonic = monotonic
        self._seen: tuple[Sequence[str], Texts] | None = None
        self._read_at = 0.0

    def changed(self, names: Sequence[str], read: Callable[[], bool]) -> bool:
        """What read() says if there may be something to read, else False."""
        texts = None if self._keeper.has_pending(names) else self._chain.glance(names)
        seen = None if texts is None else (names, texts)
        now = self._monotonic()
        if seen is not None and seen == self._seen and now - self._read_at < READ_SECONDS:
            return False
        self._seen = None  # until it was read without an error
        changed = read()
        self._seen, self._read_at = seen, now
        return changed
