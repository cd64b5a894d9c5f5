"""The table of crash points: what is known at each of them, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.faults import Point


@dataclass(frozen=True, kw_only=True)
class Crash:
    """One mail, whose relay is killed at this point.

    At that moment: state is that of its delivery in the journal, "" if there is none; sent how
    many requests have left; marked whether the mailbox says that the mail is settled. Then, in
    the relay that follows: kept is how many more requests leave when the disk is there, lost
    when it is not.
    """

    row: str
    point: Point
    state: str = ""
    sent: int = 0
    marked: bool = False
    kept: int = 1
    lost: int = 1

    @property
    def offloads(self) -> bool:
        return self.row == "C7"

    @property
    def between_files(self) -> bool:
        return self.point.startswith("transfer.")

    @property
    def moves(self) -> bool:
        return self.point == "mail.flagged"

    @property
    def stops(self) -> bool:
        return self.point.startswith("stop.")


CRASHES = [
    Crash(row="C0", point="mailbox.undertaken"),
    Crash(row="C0", point="intake.read"),
    Crash(row="C0", point="intake.written"),
    Crash(row="C1", point="intake.committed", state="queued"),
    Crash(row="C7", point="transfer.stored", state="queued"),
    Crash(row="C7", point="transfer.remembered", state="queued"),
    Crash(row="C7", point="delivery.frozen", state="queued"),
    Crash(row="C2", point="delivery.claimed", state="sending"),
    Crash(row="C3", point="request.sent", state="sending", sent=1),
    # A repeat is the same two requests: JSON once more, and the form.
    Crash(row="C8", point="request.other_mode", state="sending", sent=1, kept=2, lost=2),
    Crash(row="C4", point="delivery.answered", state="sending", sent=1),
    Crash(row="C4", point="delivery.settling", state="sending", sent=1),
    Crash(row="C5", point="delivery.settled", state="delivered", sent=1, kept=0),
    Crash(row="C5", point="delivery.remembered", state="delivered", sent=1, kept=0, lost=0),
    Crash(row="C6", point="mail.flagged", state="delivered", sent=1, marked=True, kept=0, lost=0),
    Crash(row="C6", point="mail.marked", state="delivered", sent=1, marked=True, kept=0, lost=0),
    Crash(row="C9", point="stop.draining", state="sending", sent=1),
    Crash(row="C9", point="stop.limit", state="sending", sent=1),
]
