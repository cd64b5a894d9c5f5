"""Indexes on tables that may be large, and into which others write meanwhile."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import AddIndex


class AddIndexWhileInUse(AddIndex):
    """PostgreSQL builds it without a lock that keeps writers out. That is no transaction, so the
    migration has atomic = False, and nothing but these: each can be tried again after a migration
    that was interrupted, whatever that left behind."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        if connection.vendor == "postgresql":
            # A build that was interrupted leaves an index that nobody may use.
            schema_editor.remove_index(model, self.index, concurrently=True)
            schema_editor.add_index(model, self.index, concurrently=True)
            return
        with connection.cursor() as cursor:
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
        if self.index.name not in there:
            schema_editor.add_index(model, self.index)
