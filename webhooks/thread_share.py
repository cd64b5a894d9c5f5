"""How the threads of a process are shared among its endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

CLAIMS_PER_THREAD = 4


def claims_ahead(threads: int, held: int) -> int:
    """How many more to claim for the one endpoint, beyond what the threads have begun with: many
    at a time, for each time costs several statements."""
    most = CLAIMS_PER_THREAD * threads
    return most - held if held <= most // 2 else 0


def free_threads(
    threads: int, under_way: Counter[str], endpoint: str, others_ready: Collection[str]
) -> int:
    """The threads for one more claim of this endpoint. under_way are the requests by endpoint.

    Where there are several endpoints none may have more than half of the threads, and up to half
    are left to those that have none: endpoints that do not answer must leave something to the
    others.
    """
    free, half = threads - under_way.total(), max(1, threads // 2)
    idle = [name for name in others_ready if not under_way[name]]
    beside = max(0 if under_way[endpoint] else 1, free - min(len(idle), half))
    return max(0, min(free, beside, half - under_way[endpoint]))
