"""Fields of the database that hold English sentences, as admin pages show them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model

from configstore.wording import translated


def in_words(model: type[Model], name: str) -> Any:
    """For list_display, readonly_fields and fields: the field in the reader's language."""

    @admin.display(
        description=model._meta.get_field(name).verbose_name,  # type: ignore[union-attr]  # no relation
        ordering=name,
        empty_value="-",
    )
    def shown(row: Any) -> str:
        return translated(getattr(row, name))

    shown.__name__ = f"{name}_in_words"
    return shown
