"""One stretch of holding a lock."""

from __future__ import annotations

import enum


class HeldBy(enum.Enum):
    NOTHING = "nothing"
    REDIS = "Redis"
    FILE = "file"


class Term:
    """A later one is another object: what was known in the former may not be true any more,
    whoever held the lock between.

    confirmed is when Redis was last asked with success. name is unique among all terms in
    Redis, follows the name of the one before, "" if that is not known. alone: there is no
    other poller by the word of the configuration.
    """

    def __init__(
        self,
        held_by: HeldBy,
        confirmed: float,
        *,
        name: str = "",
        follows: str = "",
        alone: bool = False,
    ) -> None:
        self.held_by = held_by
        self.confirmed = confirmed
        self.name = name
        self.follows = follows
        self.alone = alone
