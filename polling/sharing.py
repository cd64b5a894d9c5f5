"""Which mailboxes this process takes and which it gives away, so that all have about as many."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from typing import NamedTuple

from redis import ResponseError

from polling.fleet import Elsewhere, Fleet
from polling.lock_value import in_short, is_dead, process_of, public_fields
from polling.roster import Roster
from runtime.clock import boot_time
from runtime.redis import REDIS_ERRORS, redis_client

logger = logging.getLogger(__name__)

# While a mailbox may become free that is not ours; and else.
LOOK_SECONDS = 0.7
CALM_SECONDS = 2.0
# An older look tells nothing.
FRESH_SECONDS = 5.0
# A mailbox that is free for so long is taken by anybody: whoever was to have it does not.
GRACE_SECONDS = 3.0
# Nothing is given away within this time of a poller that came or went.
STEADY_SECONDS = 2.0
# Nor of a mailbox that whoever was to have it left to others: twice as long each time. A poller
# that was only slow has its share soon; one that never takes any is rarely given some.
FORSAKEN_SECONDS, LONGEST_FORSAKEN = 8.0, 60.0


class Look(NamedTuple):
    """What Redis said when it was asked at that moment: the value of each lock, and what follows
    from them. late: a poller may be frozen, and would not take what it is given."""

    at: float
    values: dict[str, str]
    fleet: Fleet
    to_take: frozenset[str]
    late: bool


class Sharing:
    """One thread looks, all may ask.

    Without Redis, or while it cannot be asked, everything is everybody's to try: the locks
    decide.
    """

    def __init__(self, roster: Roster | None) -> None:
        self._roster = roster
        self._lock = threading.Lock()
        self._look: Look | None = None
        self._free_since: dict[str, float] = {}
        self._steady_since = 0.0
        self._give_after = 0.0
        self._forsaken = FORSAKEN_SECONDS
        self._told = False

    def look(self, mailboxes: Sequence[str]) -> Look | None:
        """Sign in and see who holds what; None if that cannot be known."""
        if self._roster is None or not mailboxes:
            return None
        at = boot_time()
        try:
            signed = self._roster.sign_in(mailboxes)
        except REDIS_ERRORS as exc:
            self._tell(exc)
            look = None
        else:
            fleet = _fleet(self._roster.me, signed.pollers, signed.values)
            look = Look(at, signed.values, fleet, fleet.to_take(), signed.late)
        with self._lock:
            self._note(look)
        return look

    def _tell(self, error: Exception) -> None:
        """A Redis that is away is told by the locks; one that answers so is not."""
        if isinstance(error, ResponseError) and not self._told:
            self._told = True
            logger.warning("Mailboxes are not shared out among the pollers: Redis says %s", error)

    def elsewhere(self, mailbox: str) -> Elsewhere | None:
        """Why this mailbox is not ours to try now; None if it is."""
        with self._lock:
            look = self._look
            if look is None or boot_time() - look.at > FRESH_SECONDS:
                return None
            holder = look.fleet.holders.get(mailbox)
            if holder is None or holder == look.fleet.me:
                return None
            if holder:
                return Elsewhere(True, f"it is held by {in_short(look.values[mailbox])}")
            if mailbox in look.to_take:
                return None
            # By what was seen: a process that was not given a moment to look knows nothing newer.
            if look.at - self._free_since[mailbox] > GRACE_SECONDS:
                self._note_forsaken(boot_time())
                return None
            return Elsewhere(False, "it is free, and another poller is to take it")

    def surplus(self, ending: Collection[str]) -> list[str]:
        """What is to be given away now, beside what is ending already: what was ours for the
        shortest time."""
        with self._lock:
            look, now = self._look, boot_time()
            if (
                look is None
                or look.late
                or now < max(self._give_after, self._steady_since + STEADY_SECONDS)
            ):
                return []
            mine = [name for name, holder in look.fleet.holders.items() if holder == look.fleet.me]
            staying = [name for name in mine if name not in ending]
            staying.sort(key=lambda name: public_fields(look.values[name]).get("since", ""))
            return staying[look.fleet.share() :]

    def pause(self) -> float:
        """Seconds until the next look."""
        look = self._look
        nothing_to_take = look is None or look.fleet.held() == len(look.values)
        return CALM_SECONDS if nothing_to_take else LOOK_SECONDS

    def leave(self) -> None:
        """Others may have what we hold as soon as we let it go."""
        if self._roster is None:
            return
        try:
            self._roster.sign_out()
        except REDIS_ERRORS as exc:
            logger.debug("Not signed out (%s); that counts for some seconds", type(exc).__name__)

    def _note_forsaken(self, now: float) -> None:
        """Once for all that were left at a time."""
        if now < self._give_after:
            return
        if now - self._give_after > LONGEST_FORSAKEN:
            self._forsaken = FORSAKEN_SECONDS
        self._give_after = now + self._forsaken
        self._forsaken = min(2 * self._forsaken, LONGEST_FORSAKEN)

    def _note(self, look: Look | None) -> None:
        former, self._look = self._look, look
        if look is None:
            self._free_since.clear()
            return
        if former is None or former.fleet.pollers != look.fleet.pollers:
            self._steady_since = look.at
        free = [name for name, holder in look.fleet.holders.items() if not holder]
        self._free_since = {name: self._free_since.get(name, look.at) for name in free}


def _fleet(me: str, pollers: Collection[str], values: dict[str, str]) -> Fleet:
    """What a dead process holds is free."""
    holders = {name: process_of(value) if value else "" for name, value in values.items()}
    dead = {process for process in {*holders.values(), *pollers} if process and is_dead(process)}
    return Fleet(
        me=me,
        pollers=frozenset(pollers) - dead | {me},
        holders={name: "" if holder in dead else holder for name, holder in holders.items()},
    )


def build_sharing() -> Sharing:
    client = redis_client()
    return Sharing(None if client is None else Roster(client))
