"""Kills or freezes a child process exactly at a point of runtime.faults.

FAULT_POINT is the name of the point, and how often it is passed before, if it is not the first
time: "intake.read" or "intake.read+2". FAULT_SIGNAL is SIGKILL unless it says SIGSTOP. Only what
the tests start is armed: the product knows nothing of the variables.
"""

from __future__ import annotations

import itertools
import os
import signal
from typing import get_args

from runtime import faults


def arm() -> None:
    """Before anything else of the product is imported."""
    order = os.environ.get("FAULT_POINT", "")
    if not order:
        return
    name, _, passed = order.partition("+")
    if name not in get_args(faults.Point):
        raise ValueError(f"FAULT_POINT: there is no point {name!r}")
    hits = itertools.count()  # its next() is atomic
    last = int(passed or 0)
    number = signal.Signals[os.environ.get("FAULT_SIGNAL", "SIGKILL")]

    def trap(point: faults.Point) -> None:
        if point == name and next(hits) == last:
            os.write(2, f"{reached(point)}\n".encode())
            os.kill(os.getpid(), number)

    faults.fault = trap


def reached(point: faults.Point) -> str:
    """The last words of a process that is killed or frozen there."""
    return f"FAULT POINT {point}"
