"""The ways between the machines of a story, on which questions and answers are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from polling.accounts import Account
from tests.simulation.container import LONGEST_IDLE
from tests.simulation.endpoint import Accepted
from tests.simulation.session import SimulatedSession, cut
from webhooks.client import Result

if TYPE_CHECKING:
    from tests.simulation.world import World

IDLE_SLICE = 5.0


class Network:
    """Whoever works in the world now is who asks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ask(
        self, machine: str, what: str, action: Callable[[], Any], lost: Callable[[], Exception]
    ) -> Any:
        """Raises what lost() makes where the question, or the answer to it, is lost."""
        world = self._world
        world.breathe(f"{machine} {what}")
        if machine in world.away or world.happens(world.weather.lost_question):
            self._lost(machine, f"{machine} {what}: the question is lost")
            raise lost()
        answer = action()
        if world.happens(world.weather.lost_answer):
            self._lost(machine, f"{machine} {what}: the answer is lost")
            raise lost()
        return answer

    def _lost(self, machine: str, what: str) -> None:
        world = self._world
        world.tell(f"    ! {what}")
        if world.here is not None:
            world.excuses.note(machine, world.here.value)

    def session(self, account: Account, timeout: float, beat: object = None) -> SimulatedSession:
        """In place of polling.session.Session."""
        world = self._world
        unit, container = world.stack[-1], world.here
        assert container is not None

        def rest(seconds: float) -> None:
            world.guarantees.resting(container, session)
            unit.idles = seconds if seconds < IDLE_SLICE else LONGEST_IDLE

        session = SimulatedSession(
            account,
            world.folders["second" if account.name == "second" else "default"],
            world.now(),
            lambda what, action: self.ask("imap", what, action, cut),
            rest,
        )
        session.wake = lambda: setattr(unit, "due", world.now())
        container.sessions.append(session)
        return session

    def post(self, endpoint: str, webhook_id: str, subject: str) -> Result:
        world = self._world
        container = world.here
        assert container is not None
        world.guarantees.begins(container, webhook_id, subject)
        world.breathe(f"POST {subject}")
        if "endpoint" in world.away or world.happens(world.weather.lost_question):
            return Result(delivered=False, error="connection refused")
        if subject in world.receiver.refused:
            return Result(delivered=False, status=413, permanent=True, error="HTTP 413")
        accepted = Accepted(
            step=world.step,
            sender=container,
            value=container.value,
            database=container.database,
        )
        world.guarantees.accepted(endpoint, webhook_id, subject, container)
        world.receiver.accept(endpoint, webhook_id, subject, accepted)
        if world.happens(world.weather.lost_answer):
            world.tell(f"    ! POST {subject}: the answer is lost")
            accepted.unanswered = True
            return Result(delivered=False, error="no complete answer within 25 s")
        world.breathe(f"answer to {subject}")
        return Result(delivered=True, status=200)
