"""Searches of folders so large that one answer would not fit into a line.

imaplib gives up on a line of more than 1,000,000 bytes: the UIDs of some 125,000 mails. A large
folder is searched by windows of message sequence numbers, which are dense where UIDs are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

WINDOW = 50_000
# No server may have us ask for ever; the last window is open at its end.
MOST_MAILS = 5_000_000
Ask = Callable[[Sequence[Any]], list[int]]


class Headcount:
    """How many mails the folder holds, by what the server has announced.

    Rather too few than too many, for imaplib does not tell which of two announcements came
    first: the window of the newest mails is open at its end. grown, shrunk: some came or went
    since that was last cleared.
    """

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.grown = False
        self.shrunk = False
        self._announced = False

    def listen(self, untagged: dict[str, list[Any]]) -> None:
        """Take what was announced out of imaplib's heap."""
        expunged = len(untagged.pop("EXPUNGE", ()))
        said = [int(number) for number in untagged.pop("EXISTS", ()) if number]
        before = max(self.count - expunged, 0)
        self.count = min(max(said[-1] - expunged, 0), MOST_MAILS) if said else before
        self.shrunk |= bool(expunged)
        self.grown |= bool(said) and said[-1] > before
        self._announced |= bool(said or expunged)

    def announced(self) -> bool:
        """Whether there was any news since this was asked last."""
        announced, self._announced = self._announced, False
        return announced


def windows(count: int) -> Iterator[str]:
    """Sets of sequence numbers that cover a folder of so many mails, the newest ones first.

    An EXPUNGE between two searches moves mails towards the windows that are still to come, so
    they are found twice at worst.
    """
    top = (count - 1) // WINDOW * WINDOW + 1
    yield f"{top}:*"
    for low in range(top - WINDOW, 0, -WINDOW):
        yield f"{low}:{low + WINDOW - 1}"


def search(ask: Ask, count: int, criteria: Sequence[Any]) -> list[int]:
    """The UIDs that match in a folder of about so many mails, in order."""
    if count <= WINDOW:
        return sorted(ask(criteria))
    found: set[int] = set()
    for window in windows(count):
        found.update(ask([window, *criteria]))
    return sorted(found)


def search_above(ask: Ask, count: int, uid: int) -> list[int]:
    """The UIDs above this one. They rise with the sequence numbers, so below a window that has
    none there are none. "n:*" names the last mail even if its UID is lower than n (RFC 9051,
    6.4.9)."""
    criteria = ["UID", f"{uid + 1}:*"]
    if count <= WINDOW:
        return sorted(found for found in ask(criteria) if found > uid)
    above: set[int] = set()
    for window in windows(count):
        found = [found for found in ask([window, *criteria]) if found > uid]
        if not found:
            break
        above.update(found)
    return sorted(above)
