"""Django works out the same SQL over and over, which is most of what a story costs. Here it
remembers those pieces of it that depend on nothing but names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper
from django.db.models.expressions import BaseExpression, Col
from django.db.models.fields import Field
from django.db.models.options import Options
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query


@cache
def remember() -> None:
    """From now on, for the whole process. The SQL is the same."""
    for wrapped in (_column, _select, _path, _parts, _lookup, _placeholders, _copy):
        wrapped()


def _instead(place: type, name: str) -> Callable[[Callable[..., Any]], None]:
    def replace(make: Callable[..., Any]) -> None:
        setattr(place, name, make(getattr(place, name)))

    return replace


def _column() -> None:
    known: dict[tuple[str, str], str] = {}

    @_instead(Col, "as_sql")
    def _(original: Any) -> Any:
        def as_sql(col: Any, compiler: Any, connection: Any) -> Any:
            if col.alias != col.target.model._meta.db_table:
                return original(col, compiler, connection)
            key = col.alias, col.target.column
            if key not in known:
                known[key] = original(col, compiler, connection)[0]
            return known[key], []

        return as_sql


def _select() -> None:
    """Of plain columns."""
    known: dict[Any, Any] = {}

    @_instead(SQLCompiler, "get_select")
    def _(original: Any) -> Any:
        def get_select(self: Any, with_col_aliases: bool = False) -> Any:
            query = self.query
            if with_col_aliases or query.annotations or query.extra or query.select_related:
                return original(self, with_col_aliases)
            if any(col.alias != query.model._meta.db_table for col in query.select):
                return original(self, with_col_aliases)
            names, deferred = query.deferred_loading
            selected = None if query.selected is None else tuple(query.selected.items())
            columns = tuple(col.target for col in query.select)
            key = query.model, query.default_cols, columns, selected, frozenset(names), deferred
            if key not in known:
                known[key] = original(self, with_col_aliases)
            select, klass, annotations = known[key]
            return [*select], klass and {**klass}, {**annotations}

        return get_select


def _path() -> None:
    known: dict[tuple[str, Options[Any]], Any] = {}

    @_instead(Query, "names_to_path")
    def _(original: Any) -> Any:
        def names_to_path(self: Any, names: Any, opts: Any, *arguments: Any, **named: Any) -> Any:
            if len(names) != 1 or self.annotations or self._filtered_relations:
                return original(self, names, opts, *arguments, **named)
            key = names[0], opts
            if key not in known:
                known[key] = original(self, names, opts, *arguments, **named)
            path, field, targets, rest = known[key]
            return [*path], field, targets, [*rest]

        return names_to_path


def _parts() -> None:
    known: dict[tuple[str, type], Any] = {}

    @_instead(Query, "solve_lookup_type")
    def _(original: Any) -> Any:
        def solve_lookup_type(self: Any, lookup: str, summarize: bool = False) -> Any:
            if self.annotations:
                return original(self, lookup, summarize)
            key = lookup, self.model
            if key not in known:
                known[key] = original(self, lookup, summarize)
            lookups, parts, reffed = known[key]
            return [*lookups], [*parts], reffed

        return solve_lookup_type


def _lookup() -> None:
    @_instead(Field, "get_lookup")
    def _(original: Any) -> Any:
        return cache(original)


def _placeholders() -> None:
    @lru_cache(10_000)
    def converted(text: str) -> str:
        return FORMAT_QMARK_REGEX.sub("?", text).replace("%%", "%")

    @_instead(SQLiteCursorWrapper, "convert_query")
    def _(original: Any) -> Any:
        def convert_query(self: Any, text: str, *, param_names: Any = None) -> Any:
            if param_names is not None:
                return original(self, text, param_names=param_names)
            return converted(text)

        return convert_query


def _copy() -> None:
    """What copy.copy does, without asking how it is to be done."""

    @_instead(BaseExpression, "copy")
    def _(original: Any) -> Any:
        def copy(self: Any) -> Any:
            made = object.__new__(type(self))
            made.__dict__.update(self.__dict__)
            made.__dict__.pop("convert_value", None)
            return made

        return copy
