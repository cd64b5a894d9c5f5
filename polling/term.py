"""One stretch of holding a lock."""

from __future__ import annotations

import enum


class HeldBy(enum.Enum):
    NOTHING = "nothing"
    REDIS = "Redis"
    FILE = "file"


class Term:
    """A later one is another object: what was known in the former may not be true any more,
    whoever held the lock between. confirmed is when Redis was last asked with success."""

    def __init__(self, held_by: HeldBy, confirmed: float) -> None:
        self.held_by = held_by
        self.confirmed = confirmed
