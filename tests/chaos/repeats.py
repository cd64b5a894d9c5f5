"""Whether what was sent more than once was under way when something fell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.chaos.invariants import FORM
from tests.servers.exchange import Request

# A request so long before may not have been settled; so long after, somebody may not yet have
# noticed that it is over.
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 5.0


@dataclass(frozen=True)
class Trouble:
    """On the clock of time.monotonic()."""

    kind: str
    begun: float
    ended: float

    def explains(self, at: float) -> bool:
        return self.begun - BEFORE_SECONDS <= at <= self.ended + AFTER_SECONDS


def unexplained_repeats(requests: Iterable[Request], troubles: Iterable[Trouble]) -> list[str]:
    """The subjects of those that were repeated although nothing was wrong at the first one."""
    known, times = list(troubles), defaultdict(list)
    for request in requests:
        if request.headers["Content-Type"] != FORM:
            times[request.json["subject"]].append(request.time)
    return [
        f"{subject} at {each}"
        for subject, each in times.items()
        if not all(any(trouble.explains(at) for trouble in known) for at in sorted(each)[:-1])
    ]
