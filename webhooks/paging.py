"""Long lists, whose rows may be wide."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class KeyPaginator(Paginator):  # type: ignore[type-arg]
    """Looks for the keys of a page by an index, and reads no other rows than those of the page."""

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[start : start + self.per_page])
        return Page(whole(rows, keys), number, self)


def whole(rows: Any, keys: list[int]) -> QuerySet[Any]:
    """Of these rows the ones with these keys, in the same order, and without their conditions:
    the keys have met them."""
    plain: QuerySet[Any] = rows.model._default_manager.filter(pk__in=keys).order_by(
        *rows.query.order_by
    )
    plain.query.select_related = rows.query.select_related
    if deferred := rows.query.deferred_loading[0]:
        plain = plain.defer(*deferred)
    return plain
