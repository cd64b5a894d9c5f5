"""How much is measured: all that the README tells, a short look, or just enough to see that
everything works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Counts are of mails and all times are in seconds, where nothing else is said."""

    runs: int
    small: int
    large: int
    mixed: int
    wan: int
    attachment_mb: float
    arrivals: int
    gap: tuple[float, float]
    uninteresting: int
    settle: float
    idle: float
    waiting: int
    outage: float
    heavy: int
    heavy_mb: float
    heavy_every: float
    rows: int
    deliveries: int
    processes: tuple[int, ...] = (1, 2, 4)
    fleet: tuple[int, ...] = (1, 2, 4, 8)
    mailboxes: int = 200
    endpoints: int = 20
    each: int = 10
    quiet: float = 8


# An endpoint that is out of order is asked every thirty seconds: an outage must not end with one.
FULL = Scale(
    runs=5, small=2000, large=300, mixed=1000, wan=300, attachment_mb=3, arrivals=50,
    gap=(0.5, 1.5), uninteresting=500, settle=30, idle=240, waiting=50, outage=45, heavy=30,
    heavy_mb=25, heavy_every=2, rows=100_000, deliveries=3000,
)  # fmt: skip
QUICK = Scale(
    runs=2, small=1000, large=60, mixed=200, wan=100, attachment_mb=3, arrivals=8,
    gap=(0.3, 0.7), uninteresting=100, settle=4, idle=10, waiting=20, outage=5, heavy=4,
    heavy_mb=25, heavy_every=1, rows=2000, deliveries=500,
    fleet=(1, 2), mailboxes=20, endpoints=4, quiet=4,
)  # fmt: skip
TINY = Scale(
    runs=1, small=6, large=2, mixed=20, wan=3, attachment_mb=0.2, arrivals=2,
    gap=(0.05, 0.1), uninteresting=5, settle=0.5, idle=1, waiting=3, outage=1, heavy=2,
    heavy_mb=2, heavy_every=0.2, rows=60, deliveries=20, processes=(2,),
    fleet=(2,), mailboxes=5, endpoints=2, each=2, quiet=0.5,
)  # fmt: skip
SCALES = {"full": FULL, "quick": QUICK, "tiny": TINY}
