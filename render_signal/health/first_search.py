"""How long a mailbox has been waiting for its first search, as far as this process can tell."""

from __future__ import annotations

import time

_since: dict[str, float] = {}


def waiting_seconds(identity: str) -> float:
    """Since it was first asked about here: rows of the database tell of searches alone."""
    return time.monotonic() - _since.setdefault(identity, time.monotonic())


def searched(identity: str) -> None:
    """It waits no longer; after the loss of the database it waits anew."""
    _since.pop(identity, None)
