"""INSERT of many rows by a statement that is written once for each number of rows.

QuerySet.bulk_create writes its statement anew for each chunk of rows and prepares each value by
several calls, which takes several times as long as a file takes. To PostgreSQL it sends few
statements, which counts more.

Nor is it executemany(): that lets go of the interpreter for each row, and waits for it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import (
    AutoField,
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
)
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery

VALUES_AT_ONCE = 999  # the least that any SQLite takes
# Drivers take the values of these as they are.
PLAIN = (BooleanField, CharField, FloatField, ForeignKey, IntegerField, TextField)


def insert(
    rows: Iterable[Model],
    *,
    ignore_conflicts: bool = False,
    update: tuple[str, ...] = (),
    unique: tuple[str, ...] = (),
) -> None:
    """Write new rows of one model. Their keys are the database's, and are not set. update names
    the fields that are written instead where a row with the same unique ones exists."""
    found = list(rows)
    if not found:
        return
    model = type(found[0])
    if connection.vendor != "sqlite":  # each statement is a way there and back
        model._default_manager.bulk_create(
            found,
            ignore_conflicts=ignore_conflicts,
            update_conflicts=bool(update),
            update_fields=update or None,
            unique_fields=unique or None,
        )
        return
    conflict = OnConflict.UPDATE if update else OnConflict.IGNORE if ignore_conflicts else None
    values = [_value(field) for field in _fields(model)]
    at_once = max(1, VALUES_AT_ONCE // len(values))
    with connection.cursor() as cursor:
        for begin in range(0, len(found), at_once):
            chunk = found[begin : begin + at_once]
            statement = _statement(model, conflict, update, unique, len(chunk))
            cursor.execute(statement, [value(row) for row in chunk for value in values])


@cache
def _fields(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]


def _value(field: Field[Any, Any]) -> Callable[[Model], Any]:
    get = attrgetter(field.attname)
    if isinstance(field, PLAIN):
        return get
    if isinstance(field, DateTimeField):
        adapt = connection.ops.adapt_datetimefield_value
        return lambda row: adapt(get(row))
    return lambda row: field.get_db_prep_save(get(row), connection)


@cache
def _statement(
    model: type[Model],
    conflict: OnConflict | None,
    update: tuple[str, ...],
    unique: tuple[str, ...],
    rows: int,
) -> str:
    """By Django, for so many rows of a file."""
    options = model._meta
    query = InsertQuery(
        model,
        on_conflict=conflict,
        update_fields=[options.get_field(name) for name in update],
        unique_fields=[options.get_field(name) for name in unique],
    )
    fields = _fields(model)
    query.insert_values(fields, [model(**{field.attname: None for field in fields})] * rows)
    [(statement, _)] = query.get_compiler(connection=connection).as_sql()
    return str(statement)
