"""A receiver, and the client that brings webhooks to it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webhooks.client import Result
from webhooks.endpoints import Endpoint

if TYPE_CHECKING:
    from tests.simulation.container import Container
    from tests.simulation.database import Database


@dataclass(kw_only=True)
class Accepted:
    """That a webhook was accepted: in which step of the story, and from whom. value names the
    process; unanswered if that one was not told."""

    step: int
    sender: Container
    value: str
    database: Database
    unanswered: bool = False


class Receiver:
    """All endpoints, by their names. by_subject are the ids that a mail came under."""

    def __init__(self) -> None:
        self.accepted: dict[str, list[Accepted]] = defaultdict(list)
        self.by_subject: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.refused: set[str] = set()

    def has(self, endpoint: str, subject: str) -> bool:
        return any(self.accepted[name] for name in self.by_subject[endpoint, subject])

    def accept(self, endpoint: str, webhook_id: str, subject: str, accepted: Accepted) -> None:
        self.by_subject[endpoint, subject].add(webhook_id)
        self.accepted[webhook_id].append(accepted)


class SimulatedClient:
    """What webhooks.client.Client is to the dispatcher. post brings it there."""

    def __init__(self, post: Callable[[str, str, str], Result]) -> None:
        self._post = post
        self._stopped = False

    def send(self, endpoint: Endpoint, webhook_id: str, payload: str) -> Result:
        if self._stopped:
            return Result(delivered=False, cut=True, error="stopped while sending")
        return self._post(endpoint.id, webhook_id, json.loads(payload)["subject"])

    def cut(self) -> None:
        self._stopped = True
