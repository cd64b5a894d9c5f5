"""The points at which a test may end the process."""

from __future__ import annotations

from typing import Literal

# In the order in which a mail passes them. Each is next to the commit, or the word on the wire,
# that it is named after.
Point = Literal[
    "mailbox.undertaken",
    "intake.read",
    "intake.written",
    "intake.committed",
    "transfer.stored",
    "transfer.remembered",
    "delivery.frozen",
    "delivery.claimed",
    "request.sent",
    "request.other_mode",
    "delivery.answered",
    "delivery.settling",
    "delivery.settled",
    "delivery.remembered",
    "mail.flagged",
    "mail.marked",
    "stop.draining",
    "stop.limit",
]


def fault(point: Point) -> None:
    """Does nothing. No setting and no variable makes it do anything: the tests put a function of
    their own in its place, before anything of a process that they start is imported."""
