"""Sentences of the history, of exceptions and of the log, in the language of who reads a page.

They are made and stored in English, whoever caused them; a page shows translated(sentence). Each
line here is a sentence of the code, with %(name)s where that puts a value; what is more particular
stands first. Values are translated too if their name is in NESTED. The packages above this one
register theirs when they start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from django.utils.text import capfirst
from django.utils.translation import gettext

from configstore.fields import translatable as _

NESTED = ("fault", "store", "where")
SENTENCES = (
    # actions in the history
    _("changed"),
    _("changed as JSON"),
    _("imported"),
    _("migrated"),
    _("restored %(moment)s UTC"),
    _("undone: the change of %(moment)s UTC"),
    _("added mailbox %(name)s"),
    _("removed mailbox %(name)s"),
    _("added endpoint %(name)s"),
    _("removed endpoint %(name)s"),
    _("magic link %(link)s created"),
    _("magic link %(link)s revoked"),
    _("magic link %(link)s used"),
    _("all magic links revoked"),
    # where a document came from
    _("file"),
    _("defaults"),
    _("last good copy"),
    _("saved here, waiting for a store that is away"),
    # what is wrong with a document
    _("%(fault)s, and no good %(name)s was read before"),
    _("%(store)s holds a faulty %(name)s: %(faults)s"),
    _("what was saved of %(name)s is faulty: %(faults)s"),
    _("%(name)s: the last good copy is damaged"),
    _("%(name)s cannot be read from any store (%(stores)s cannot be reached), and none was read "
      "before"),
    _("%(name)s is no document; there are %(names)s"),
    _("%(where)s holds no document"),
    _("%(where)s holds %(names)s, and not %(name)s"),
    _("%(where)s is not JSON: %(fault)s in line %(line)s, column %(column)s"),
    _("%(where)s is not UTF-8"),
    _("%(where)s contains half a character (a lone surrogate)"),
    _("%(where)s contains the character \\u0000, which databases refuse"),
    _("%(where)s is nested too deeply"),
    _("%(where)s contains a number that is none or is too long"),
    _("%(where)s holds a %(type)s, not a JSON object"),
    _("the text"),
    _("not a JSON object"),
    _("it was encrypted with another key: enter it again, or add the former key to "
      "CONFIG_ENCRYPTION_KEYS"),
    # why a store cannot be used
    _("no store took %(name)s"),
    _("%(name)s is longer than %(count)s bytes"),
    _("others keep saving %(name)s"),
    _("away when it was asked"),
    _("left alone for a moment"),
    _("REDIS_URL is not set"),
    _("no complete answer from %(host)s within %(seconds)s s: check that it runs, and "
      "EXTERNAL_CONFIG_BASE_URL"),
    _("no answer from %(host)s (%(error)s): check that it runs, and EXTERNAL_CONFIG_BASE_URL"),
    _("no trusted TLS connection to %(host)s: check its certificate"),
    _("%(host)s refuses the token (HTTP %(status)s): check CONFIG_API_TOKEN"),
    _("%(host)s redirects (HTTP %(status)s): set EXTERNAL_CONFIG_BASE_URL to where it leads"),
    _("config_api.php of %(host)s does not answer with a JSON object (HTTP %(status)s): check "
      "EXTERNAL_CONFIG_BASE_URL"),
    _("config_api.php of %(host)s answers without success (HTTP %(status)s): look into its log"),
    _("the answer of %(host)s has no config: check its API"),
    _("the answer of %(host)s is longer than %(count)s bytes: check EXTERNAL_CONFIG_BASE_URL"),
    # what json and pydantic say
    _("Expecting value"),
    _("Expecting property name enclosed in double quotes"),
    _("Expecting ':' delimiter"),
    _("Expecting ',' delimiter"),
    _("Extra data"),
    _("Unterminated string starting at"),
    _("Invalid control character at"),
    _("Invalid \\escape"),
    _("Illegal trailing comma before end of object"),
    _("Illegal trailing comma before end of array"),
    _("Input should be a valid boolean, unable to interpret input"),
    _("Input should be a valid boolean"),
    _("Input should be a valid integer, unable to parse string as an integer"),
    _("Input should be a valid integer, got a number with a fractional part"),
    _("Input should be a valid integer"),
    _("Input should be a valid string"),
    _("Input should be a valid tuple"),
    _("Input should be a valid dictionary"),
    _("Input should be a valid date or datetime, %(problem)s"),
    _("Input should be a valid date"),
    _("Input should be greater than or equal to %(limit)s"),
    _("Input should be less than or equal to %(limit)s"),
    _("Input should be greater than %(limit)s"),
    _("Input should be %(choices)s"),
    _("Input should be a valid list"),
    _("String should have at least %(count)s character"),
    _("Tuple should have at most %(count)s items after validation, not %(found)s"),
    _("String should have at most %(count)s characters"),
    _("not a regular expression: %(problem)s"),
)  # fmt: skip
_sentences = [*SENTENCES]
_nested = {*NESTED}
_registered: set[str] = set()
_name_fields: Callable[[str], str] = str
PLACE = re.compile(r"%\((\w+)\)s")
NEXT_FAULT = re.compile(r"; (?=[\w.-]+: )")
FIELD = re.compile(r"([\w.:-]+): (.+)", re.DOTALL)


def register(sentences: Sequence[str], nested: Collection[str] = ()) -> None:
    """Those of another package, and which of its values are sentences, too."""
    _sentences.extend(sentences)
    _registered.update(sentences)
    _nested.update(nested)
    _patterns.cache_clear()


def name_fields_with(by_label: Callable[[str], str]) -> None:
    """How the sentences of other packages name fields. Those about a document keep the names that
    are stored: they are read beside its JSON."""
    global _name_fields  # noqa: PLW0603  # set once, as the sentences are
    _name_fields = by_label


def translated(sentence: str) -> str:
    """As it is where nothing is known of it."""
    if not sentence:
        return ""
    for pattern, message in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: _value(name, text) for name, text in found.groupdict().items()}
            told = gettext(message) % values if values else gettext(message)
            return _name_fields(told) if message in _registered else told
    return _fault(sentence)


def field_error(fault: str) -> str:
    """As the page of the field says it."""
    return capfirst(_name_fields(translated(fault)))


def store_names(labels: Iterable[str] | str) -> str:
    """The stores that a person is told of, also as the history keeps them."""
    names = labels.split(", ") if isinstance(labels, str) else labels
    return ", ".join(translated(name) for name in names)


def _fault(sentence: str) -> str:
    """Rules of fields are marked where they stand; "field: rule" is what faults are told as."""
    plain = gettext(sentence)
    found = FIELD.fullmatch(sentence)
    if plain != sentence or not found:
        return plain
    return gettext("%(field)s: %(fault)s") % {"field": found[1], "fault": translated(found[2])}


def _value(name: str, text: str) -> str:
    if name == "faults":
        return "; ".join(map(_fault, NEXT_FAULT.split(text)))
    if name == "choices":
        return text.replace(" or ", gettext(" or "))
    return translated(text) if name in _nested else text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(_pattern(message), message) for message in _sentences]


def _pattern(message: str) -> re.Pattern[str]:
    """PLACE.split gives text and names in turn."""
    pieces = PLACE.split(message)
    texts, names = map(re.escape, pieces[::2]), [*pieces[1::2], ""]
    groups = (f"(?P<{name}>.+?)" if name else "" for name in names)
    parts = (text + group for text, group in zip(texts, groups, strict=True))
    return re.compile("".join(parts), re.DOTALL)
