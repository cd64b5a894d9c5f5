"""Words without capitals and accents, in Python and in the database."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, Func

_MARKS = re.compile("[\u0300-\u036f]")


def folded(text: str) -> str:
    """Without capitals and accents. Asked for each row of a journal."""
    if text.isascii():
        return text.lower().replace("\0", "")
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if not plain.isascii():
        plain = "".join(each for each in plain if not unicodedata.combining(each))
    return plain.replace("\0", "")


class Folded(Func):
    """The same of a column. PostgreSQL leaves what is no capital and no accent: “ß” is not “ss”."""

    function = "folded"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            r"LOWER(REGEXP_REPLACE(NORMALIZE(%(expressions)s, NFKD), '[\u0300-\u036f]', '', 'g'))"
        )
        return self.as_sql(compiler, connection, template=template, **context)


def fold_in_sqlite() -> None:
    """From now on its connections know the function."""
    connection_created.connect(_teach, dispatch_uid="fold_in_sqlite")


def _teach(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("folded", 1, folded, deterministic=True)
