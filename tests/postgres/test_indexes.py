"""An index that is built while others write."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from runtime.indexes import AddIndexWhileInUse
from tests.relay.waiting import eventually
from tests.webhooks.examples import enqueue
from webhooks.models import Delivery

NAME = "delivery_meanwhile"
pytestmark = pytest.mark.usefixtures("committed_database")


def build() -> None:
    operation = AddIndexWhileInUse("delivery", models.Index(fields=["subject"], name=NAME))
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("webhooks", editor, state, state)


def is_there() -> bool:
    with connection.cursor() as cursor:
        table = Delivery._meta.db_table
        return NAME in connection.introspection.get_constraints(cursor, table)


def test_it_is_built_and_once_more_after_a_migration_that_was_interrupted() -> None:
    assert not is_there()
    for _ in range(2):
        build()
        assert is_there()


def test_what_an_interrupted_build_has_left_is_replaced() -> None:
    build()
    query = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass"
    with connection.cursor() as cursor:
        cursor.execute(query, [NAME])
    assert is_invalid()
    build()
    assert not is_invalid()


def is_invalid() -> bool:
    query = "SELECT 1 FROM pg_index WHERE indexrelid = %s::regclass AND NOT indisvalid"
    with connection.cursor() as cursor:
        cursor.execute(query, [NAME])
        return cursor.fetchone() is not None


def test_it_keeps_no_writer_out(committed_database: str) -> None:
    enqueue("before")
    with psycopg.connect(committed_database) as other:
        other.execute("UPDATE webhooks_delivery SET subject = 'x'")
        builder = threading.Thread(target=build_and_close)
        builder.start()
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 5000")

            def is_waiting() -> bool:
                cursor.execute(waiting)
                return cursor.fetchone() is not None

            eventually(is_waiting)
            enqueue("meanwhile")
    builder.join(30)
    assert is_there()


def build_and_close() -> None:
    build()
    connection.close()
