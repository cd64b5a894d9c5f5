"""Long lists, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def pages(rows: QuerySet[Any], size: int, key: str, *fields: str) -> Iterator[list[Any]]:
    """These columns of the rows, in the order of the key, which is unique among them. The rows
    that were given may be changed meanwhile."""
    ordered = rows.order_by(key).values_list(key, *fields)
    page = list(ordered[:size])
    while page:
        yield page
        page = list(ordered.filter(**{f"{key}__gt": page[-1][0]})[:size])
