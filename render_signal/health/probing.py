"""How a part is asked."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError

from render_signal.parts import DATABASE_AWAY, Part


def probed(part: Callable[[], Part]) -> Part:
    """What a part answers; a database that is away fails every part that asks it."""
    try:
        return part()
    except DatabaseError:
        return DATABASE_AWAY
