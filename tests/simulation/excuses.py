"""What may cost a repeat, by the design: a webhook that was accepted is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.endpoint import Accepted

if TYPE_CHECKING:
    from tests.simulation.container import Container
    from tests.simulation.database import Database
    from tests.simulation.world import World

DELIVERED = """
SELECT delivery.webhook_id FROM webhooks_delivery delivery
JOIN webhooks_attempt attempt ON attempt.delivery_id = delivery.id
WHERE attempt.outcome = 'delivered'
"""
TTL = 300.0
# A process that does not look after its leases for so long may lose them.
STARVES = 7.0
STOOD_STILL = frozenset({"frozen", "starved"})
# What keeps a poller from marking what it has sent, or lets another one work beside it.
CUT_OFF = STOOD_STILL | {"killed", "imap", "redis", "file"}


@dataclass(frozen=True, kw_only=True)
class Misfortune:
    """what befell a process, or all of them if who is empty."""

    step: int
    time: float
    what: str
    who: str


class Excuses:
    def __init__(self, world: World) -> None:
        self._world = world
        self._all: list[Misfortune] = []
        # In which step a process claimed a delivery last, and the claims that are known.
        self._claims: dict[tuple[str, str], int] = {}
        self._last: dict[tuple[Database, str], str] = {}
        # In which step a database came to know that something is delivered.
        self._written: dict[tuple[Database, str], int] = {}
        self._known: set[tuple[str, str]] = set()

    def note(self, what: str, who: str = "") -> None:
        world = self._world
        self._all.append(Misfortune(step=world.step, time=world.now(), what=what, who=who))

    def note_lasting(self) -> None:
        """After each step: what goes on."""
        for machine in self._world.away - {"endpoint"}:
            self.note(machine)

    def claimed(self, by: Container, webhook_id: str, token: str) -> None:
        if (token, webhook_id) not in self._known:
            self._known.add((token, webhook_id))
            self._claims[by.value, webhook_id] = self._world.step
            self._last[by.database, webhook_id] = token

    def settled(self, database: Database) -> None:
        """It has just written down how tries have ended."""
        for (webhook_id,) in database.rows(DELIVERED):
            self._written.setdefault((database, webhook_id), self._world.step)

    def last_claim(self, database: Database, webhook_id: str) -> str:
        """Its token, "" if there was none."""
        return self._last.get((database, webhook_id), "")

    def excused(self, webhook_id: str, subject: str, first: Accepted, again: Container) -> bool:
        """Whether this container may send again what was accepted then."""
        if first.unanswered:
            return True
        if self._stood_still(again, webhook_id):
            return True
        if first.database is again.database:
            return self._unwritten(webhook_id, first, again)
        return self._has_come_again(subject) or self._unmarked(webhook_id, first, again)

    def _has_come_again(self, subject: str) -> bool:
        """The same mail, once settled and once not. Redis alone knows of it where it is new."""
        folders = self._world.folders.values()
        settled = any(
            folder.settled(letter)
            for folder in folders
            for letter in folder.letters
            if letter.subject == subject
        )
        return settled and any(folder.has_unsettled(subject) for folder in folders)

    def _stood_still(self, container: Container, webhook_id: str) -> bool:
        """After its claim, which may have passed to somebody else."""
        if self._world.now() - container.looked_after > STARVES:
            return True
        return self._befell(STOOD_STILL, container.value, self._claim(container.value, webhook_id))

    def _unwritten(self, webhook_id: str, first: Accepted, again: Container) -> bool:
        """What the database did not know at the time of the claim: its disk is lost since, or who
        sent it had not come so far."""
        if first.database.lost_at >= first.step:
            return True
        written = self._written.get((first.database, webhook_id), self._world.step)
        if written <= self._claim(again.value, webhook_id):
            return False
        since = self._claim(first.value, webhook_id)
        return self._befell(STOOD_STILL | {"killed"}, first.value, since) or (
            self._world.now() - first.sender.looked_after > STARVES
        )

    def _unmarked(self, webhook_id: str, first: Accepted, again: Container) -> bool:
        """Two databases, between which there is the mailbox alone."""
        since = min(
            self._claim(first.value, webhook_id), self._claim(again.value, webhook_id), first.step
        )
        return (
            self._befell(CUT_OFF, first.value, since)
            or self._befell({"file"}, again.value, since)
            or any(
                each.what == "forgot" and self._world.now() < each.time + TTL for each in self._all
            )
        )

    def _forgotten_until(self) -> float:
        """Redis has lost its data: two may believe that they have the lock."""
        return max((each.time + TTL for each in self._all if each.what == "forgot"), default=0.0)

    def _claim(self, who: str, webhook_id: str) -> int:
        return self._claims.get((who, webhook_id), self._world.step)

    def _befell(self, what: frozenset[str] | set[str], who: str, since: int) -> bool:
        return any(
            each.what in what and each.who in ("", who) and each.step >= since for each in self._all
        )
