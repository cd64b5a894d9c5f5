"""What may be told of an error of the database."""

from __future__ import annotations


def first_line(error: BaseException | None) -> str:
    """Further lines of it may show a piece of the query, with values."""
    return str(error).partition("\n")[0]
