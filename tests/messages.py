"""The messages of the code and the templates, and the catalogues that translate them.

`python -m tests.messages` (`make messages`) brings locale/ up to date. It does what Django's
makemessages and compilemessages do, without the gettext programs, which production does not have
either: so the compiled catalogue is kept beside its text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.environment import ROOT
from tests.sources import PACKAGES

LOCALE = ROOT / "locale"
FRENCH = LOCALE / "fr" / "LC_MESSAGES" / "django.po"
# Of Django's own scripts, as ours say nothing: written by hand.
FRENCH_OF_SCRIPTS = FRENCH.with_name("djangojs.po")
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "translatable": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = "# The French of the web pages. `make messages` adds what is new."
# What a translation office would fill in.
EMPTY_FIELDS = re.compile(
    rb'"(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date'
    rb"|Last-Translator|Language-Team|Generated-By):.*\n"
)
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str]
"""Context and English text."""


def messages() -> Catalog:
    """All that are marked, with the files that they stand in."""
    found = Catalog()
    for path in _files():
        name = str(path.relative_to(ROOT))
        for _, texts, comments, context in _extracted(path):
            found.add(texts, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def keys(catalog: Catalog) -> set[Key]:
    return {(message.context or "", _first(message.id)) for message in catalog if message.id}


def written(path: Path = FRENCH) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(path: Path = FRENCH) -> Catalog:
    """What Django reads."""
    with path.with_suffix(".mo").open("rb") as file:
        return read_mo(file)


def recompiled(path: Path = FRENCH) -> Catalog:
    """What it would read if it were compiled now."""
    file = io.BytesIO()
    write_mo(file, written(path))
    file.seek(0)
    return read_mo(file)


def update(path: Path = FRENCH) -> None:
    """New messages come in without a text, those that are gone go."""
    catalog = written(path)
    catalog.update(messages(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment = HEADER
    text = io.BytesIO()
    write_po(text, catalog, sort_by_file=True, include_lineno=False, width=100)
    path.write_bytes(EMPTY_FIELDS.sub(b"", text.getvalue()))
    compile_(path)


def compile_(path: Path) -> None:
    """The same text makes the same bytes, whenever that is."""
    catalog = written(path)
    catalog.creation_date = NO_DATE
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def _files() -> Iterator[Path]:
    for folder in (*PACKAGES, "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html") and "migrations" not in path.parts:
                yield path


def _extracted(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from extract("python", io.BytesIO(text.encode()), KEYWORDS, ("Translators:",))
        return
    # Django turns a template into calls of gettext amidst what is no Python: line by line.
    for line in templatize(text).splitlines():
        yield from extract("python", io.BytesIO(line.strip().encode()), KEYWORDS)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


if __name__ == "__main__":
    update()
    compile_(FRENCH_OF_SCRIPTS)
