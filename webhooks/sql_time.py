"""Times in the SQL of both databases. What Django offers calls Python for each row of SQLite."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, FloatField, Func


class UtcHour(Func):
    """The hour of a moment, as "2026-11-27 14" in UTC. SQLite keeps moments as text in UTC."""

    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 13)")


class Seconds(Func):
    """From the second moment to the first."""

    arity = 2
    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "EXTRACT(EPOCH FROM (%(expressions)s))::float8"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(")
