"""Lets a test turn the clock on the wall of a child process.

FAULT_CLOCK is a file with the seconds that its clock is ahead, negative for behind. Clocks that
measure how long something takes are not touched, as they are not by whoever sets the time.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path


def arm() -> None:
    """Before anything of the product is imported."""
    name = os.environ.get("FAULT_CLOCK", "")
    if not name:
        return
    from django.utils import timezone

    path, right = Path(name), timezone.now

    def now() -> datetime:
        return right() + timedelta(seconds=float(path.read_text()))

    timezone.now = now


def turn(path: Path, seconds: float) -> None:
    """Never half written."""
    new = path.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(path)
