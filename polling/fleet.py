"""The pollers of all containers, and what each of them should hold. Pure functions of one look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Elsewhere(NamedTuple):
    """Why a lock is not to be tried: somebody holds it, or it is free and for somebody else."""

    held: bool
    sentence: str


@dataclass(frozen=True)
class Fleet:
    """holders: the process that holds each mailbox, "" if it is free.

    What is held by nobody of the fleet (a frozen process, an operator) is not shared out until
    it is free.
    """

    me: str
    pollers: frozenset[str]
    holders: Mapping[str, str]

    def held(self) -> int:
        return self._counts()[self.me]

    def share(self) -> int:
        """How many mailboxes are ours to hold."""
        return self._shares()[self.me]

    def to_take(self) -> frozenset[str]:
        """The free mailboxes that are ours to take: those that see the same come to the same
        end, and nobody is in another's way."""
        held, shares = self._counts(), self._shares()
        free = sorted(name for name, holder in self.holders.items() if not holder)
        for poller in sorted(shares):
            wanted = max(0, shares[poller] - held[poller])
            if poller == self.me:
                return frozenset(free[:wanted])
            free = free[wanted:]
        return frozenset()

    def _counts(self) -> Counter[str]:
        return Counter(self.holders.values())

    def _shares(self) -> dict[str, int]:
        """They make up what there is to share out, and differ by one at the most. Who holds more
        keeps the odd one: nothing changes hands without need."""
        held = self._counts()
        total = held[""] + sum(held[poller] for poller in self.pollers)
        least, odd = divmod(total, len(self.pollers))
        ranked = sorted(self.pollers, key=lambda poller: (-held[poller], poller))
        return {poller: least + (rank < odd) for rank, poller in enumerate(ranked)}
