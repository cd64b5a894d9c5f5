"""While a deploy goes on, the code of before works on the tables of after."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, TypeGuard
from uuid import uuid4

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from runtime.indexes import AddIndexWhileInUse

APPS = ("configstore", "webhooks", "polling")
# Its column was taken away before anybody could have installed the code that wrote it.
TOO_OLD = {("polling", "0001_initial")}
# Made before there was a version that anybody could have filled these tables with.
INDEXED_EARLY = {
    ("polling", "0006_catch_up"),
    ("polling", "0008_connected_at"),
    ("webhooks", "0005_transfers"),
    ("webhooks", "0006_open_deliveries"),
    ("webhooks", "0008_journal"),
}

LOADER = MigrationLoader(None)
MIGRATIONS = sorted(key for key in LOADER.disk_migrations if key[0] in APPS)
EARLIER = [key for key in MIGRATIONS if key not in TOO_OLD]
numbers = itertools.count(1)


def value(field: models.Field[Any, Any]) -> Any:
    """One that the code of then may have written; unique where it has to be."""
    number = next(numbers)
    if isinstance(field, models.ForeignKey):
        return written(field.remote_field.model)
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 11, 27, tzinfo=UTC)
    if isinstance(field, models.JSONField):
        return {"number": number}
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.CharField | models.TextField):
        return str(field.choices[0][0]) if field.choices else f"{number}"
    return number


def written(model: Any) -> models.Model:
    """A row of which the code of then said all that it knew."""
    fields = [field for field in model._meta.concrete_fields if not is_automatic(field)]
    row: models.Model = model.objects.create(**{field.name: value(field) for field in fields})
    return row


def is_automatic(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField)


@pytest.mark.django_db
@pytest.mark.parametrize("earlier", EARLIER, ids="-".join)
def test_the_code_of_each_migration_works_on_the_tables_of_the_last(
    earlier: tuple[str, str],
) -> None:
    apps = LOADER.project_state([earlier]).apps
    ours = [model for model in apps.get_models() if model._meta.app_label in APPS]
    for model in (model for model in ours if model._meta.managed):
        row: Any = written(model)
        [found] = model._default_manager.filter(pk=row.pk)
        found.save()
        assert model._default_manager.filter(pk=row.pk).delete()[0] >= 1


def test_no_table_is_looked_at_that_is_not_there() -> None:
    """The test above writes into at least those that the relay cannot do without."""
    apps = LOADER.project_state(EARLIER).apps
    names = {model.__name__ for model in apps.get_models() if model._meta.managed}
    assert {"Mail", "MailboxState", "Delivery", "Attempt"} <= names


def new_tables(key: tuple[str, str]) -> set[str]:
    made = LOADER.disk_migrations[key].operations
    return {each.name.lower() for each in made if isinstance(each, operations.CreateModel)}


def keeps_writers_out(
    operation: Operation,
) -> TypeGuard[operations.AddIndex | operations.AddConstraint]:
    """For as long as it takes to read the whole table."""
    if isinstance(operation, AddIndexWhileInUse):
        return False
    return isinstance(operation, operations.AddIndex | operations.AddConstraint)


@pytest.mark.parametrize("key", MIGRATIONS, ids="-".join)
def test_nothing_is_built_that_keeps_writers_out_of_a_table(key: tuple[str, str]) -> None:
    blocking = [
        operation
        for operation in LOADER.disk_migrations[key].operations
        if keeps_writers_out(operation) and operation.model_name.lower() not in new_tables(key)
    ]
    assert bool(blocking) == (key in INDEXED_EARLY)


@pytest.mark.parametrize("key", MIGRATIONS, ids="-".join)
def test_an_index_that_is_built_meanwhile_has_a_migration_for_itself(key: tuple[str, str]) -> None:
    """Which can be tried again."""
    migration = LOADER.disk_migrations[key]
    meanwhile = [isinstance(each, AddIndexWhileInUse) for each in migration.operations]
    assert not any(meanwhile) or (all(meanwhile) and not migration.atomic)
