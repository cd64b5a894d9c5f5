"""How a poller waits for new mail: told by the server where it can, else by asking."""

from __future__ import annotations

import logging
import math
import time

from polling.errors import IdleRefused
from polling.pulse import Pulse
from polling.session import Session
from runtime.stopping import Wake

logger = logging.getLogger(__name__)

# A connection that died silently is found out then, and a server that never says anything is
# searched.
IDLE_SECONDS = 120.0
SHORTEST_WAIT_SECONDS = 1.0
IDLE_REFUSALS = 2
NO_IDLE_SECONDS = 3600.0


class News:
    """Of one account. A server that advertises IDLE and refuses it is not asked for a while."""

    def __init__(self, wake: Wake, pulse: Pulse) -> None:
        self._wake = wake
        self._pulse = pulse
        self.start_anew()

    def start_anew(self) -> None:
        """Another account, about which nothing is known."""
        self._refusals = 0
        self._no_idle_until = 0.0

    def wait(self, session: Session, due_in: float | None, interval: float) -> None:
        """At most until due_in, or until the login is to be renewed. Where there is no IDLE, for
        the interval."""
        soonest = min(math.inf if due_in is None else due_in, session.credential.rest())
        longest = max(soonest, SHORTEST_WAIT_SECONDS)
        if not session.can_idle or time.monotonic() < self._no_idle_until:
            seconds = min(interval, longest)
            self._pulse.beat(seconds)
            self._wake.wait(seconds)
            session.noop()
            return
        try:
            session.idle(min(IDLE_SECONDS, longest), self._wake)
        except IdleRefused:
            self._note_refusal(session.account.name)
            raise
        self._refusals = 0

    def _note_refusal(self, mailbox: str) -> None:
        self._refusals += 1
        if self._refusals >= IDLE_REFUSALS:
            self._no_idle_until = time.monotonic() + NO_IDLE_SECONDS
            logger.warning(
                "Mailbox %s is searched from time to time: its server has refused to IDLE %d times",
                mailbox,
                self._refusals,
            )
