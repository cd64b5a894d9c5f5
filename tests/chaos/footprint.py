"""What a process has, as the kernel knows it (Linux), and whether that grows."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Of memory that is not given back after a peak, and that fragments.
GROWTH_MIB, GROWTH_SHARE = 12.0, 0.12
DESCRIPTORS, THREADS = 6, 3
LEAST = 150


@dataclass(frozen=True)
class Footprint:
    mib: float
    descriptors: int
    threads: int

    def __str__(self) -> str:
        return f"{self.mib:.0f} MiB, {self.descriptors} descriptors, {self.threads} threads"


def footprint(pid: int) -> Footprint:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return Footprint(
        int(status["VmRSS"].split()[0]) / 1024,
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        int(status["Threads"]),
    )


def growth(prints: Sequence[Footprint]) -> list[str]:
    """What is more in the last third than in the one before it: leaks go on, warming up ends.

    The least counts of descriptors and threads, which come and go with the work. Nothing is said
    of less than LEAST looks, in which it starts."""
    third = len(prints) // 3
    if len(prints) < LEAST:
        return []
    before, after = prints[-2 * third : -third], prints[-third:]
    memory = [statistics.median(each.mib for each in part) for part in (before, after)]
    found = []
    if memory[1] > memory[0] + max(GROWTH_MIB, GROWTH_SHARE * memory[0]):
        found.append(f"memory grows: {memory[0]:.0f} to {memory[1]:.0f} MiB")
    for name, limit in (("descriptors", DESCRIPTORS), ("threads", THREADS)):
        least = [min(getattr(each, name) for each in part) for part in (before, after)]
        if least[1] > least[0] + limit:
            found.append(f"{name} grow: {least[0]} to {least[1]}")
    return found
