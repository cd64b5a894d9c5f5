"""How long a mailbox has been waiting for its first search, as far as this process can tell."""

from __future__ import annotations

import time

_since: dict[str, float] = {}


def waiting_seconds(identity: str) -> float:
    """Since it was first asked about here: rows of the database tell of searches alone."""
    return time.monotonic() - _since.setdefault(identity, time.monotonic())


def waits_no_longer(identity: str) -> None:
    """It was searched, or nobody is to search it now; later it may wait anew."""
    _since.pop(identity, None)
