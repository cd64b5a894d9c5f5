"""A store that has lost all it held, and what to do about it.

A Redis without a disk comes back empty. To read that as "there is no document" would open what
somebody has closed, so what it held last is put back.
"""

from __future__ import annotations

import logging

from configstore.backends.base import DocumentChanged, StoreUnavailable
from configstore.backends.fallback import FallbackChain, Reading
from configstore.backends.json_text import ABSENT
from configstore.keeping import Keeper

logger = logging.getLogger(__name__)


class Restorer:
    def __init__(self, chain: FallbackChain, keeper: Keeper) -> None:
        self._chain = chain
        self._keeper = keeper

    def restore(self, name: str, reading: Reading) -> Reading:
        """The reading, made again if a store had forgotten the document."""
        empty = [label for label, version in reading.seen.items() if version == ABSENT]
        kept = self._keeper.last_good(name) if empty else None
        if kept is None or kept.document is None:
            return reading
        for label in empty:
            held_it = kept.seen.get(label, ABSENT) != ABSENT
            if not held_it or not self._chain.has_forgotten(label, name):
                continue
            try:
                self._chain.write_one(label, name, kept.document, ABSENT)
            except (DocumentChanged, StoreUnavailable) as exc:
                logger.warning("%s was lost by %s and not put back: %r", name, label, exc)
            else:
                logger.warning(
                    "%s came back without %s: the last good one was put back there.", label, name
                )
            return self._chain.read(name)
        return reading
