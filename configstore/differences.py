"""What is different between two states of a document, for a person to read.

No secret is shown: neither passwords, tokens and their like, nor what follows the host in a
web address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from configstore.backends.base import JSONObject
from configstore.fields import MAKE_SHORTHAND
from configstore.secrets import PREFIX as ENCRYPTED

NOTHING = "—"
HIDDEN = "…"
LONGEST = 80
DEEPEST = 3
SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token(?!_url$)|digest|credential|authorization|key(?!word)",
    re.IGNORECASE,
)
HEADERS_NAME = re.compile(r"headers$", re.IGNORECASE)
"""Of an object whose names may be shown and whose values may not."""
ADDRESS_NAME = re.compile(r"ur[il](?!ty)|hook$|endpoint$", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(\S*)")
HOST_AND_PORT = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """field is dotted where objects lie in objects. before and after may be shown to anybody."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


def differences(before: JSONObject | None, after: JSONObject | None) -> list[Difference]:
    """None: there is no document."""
    return list(_compare("", before or {}, after or {}))


def is_secret(name: str) -> bool:
    """Whether the value of that field, or a part of it, is nobody's business."""
    return any(each.search(name) for each in (SECRET_NAME, HEADERS_NAME, ADDRESS_NAME))


def readable(name: str, value: Any) -> str:
    """The value of that field, as it may be shown to anybody."""
    if SECRET_NAME.search(name):
        return _hidden(value, HIDDEN)
    return _shown(name, value) if value not in ((), [], {}, "") else NOTHING


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values mean the same. PHP turns {} into [] and 1.0 into 1; but true is
    not 1."""
    pairs = [(one, other)]
    while pairs:  # not by recursion: a document may be nested as deeply as JSON is read
        one, other = pairs.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(one[name], other[name]) for name in one]
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif not _same_plain(one, other):
            return False
    return True


def _same_plain(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict | list | tuple) and isinstance(other, dict | list | tuple):
        return not one and not other
    return bool(one == other)


def _compare(
    prefix: str, before: JSONObject, after: JSONObject, hidden: bool = False
) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if same(old, new):
            continue
        if hidden or SECRET_NAME.search(name):
            shown = _hidden(old, HIDDEN), _hidden(new, _("changed"))
            yield _difference(prefix + name, *shown, old, new)
        elif isinstance(old, dict) and isinstance(new, dict) and prefix.count(".") < DEEPEST:
            yield from _compare(f"{prefix}{name}.", old, new, bool(HEADERS_NAME.search(name)))
        elif _is_named(old) and _is_named(new):
            yield from _compare_named(f"{prefix}{name}.", old, new)
        elif _are_rows(old, new):
            for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
                yield from _compare(f"{prefix}{name}.{number}.", one, other)
        else:
            yield _difference(prefix + name, _shown(name, old), _shown(name, new), old, new)


def _is_named(value: Any) -> bool:
    """Whether it is a list of objects with names, such as rules."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get("name"), str) for item in value
    )


def _compare_named(prefix: str, before: list[Any], after: list[Any]) -> Iterator[Difference]:
    """Objects of the same name are the same one, whatever their place."""
    old, new = _by_name(before), _by_name(after)
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            shown = (_shown(prefix, _without_name(each)) for each in (one, other))
            yield Difference(_line(prefix + name), *shown)
        else:
            yield from _compare(f"{prefix}{name}.", one, other)
    kept = [name for name in old if name in new], [name for name in new if name in old]
    if kept[0] != kept[1]:
        yield Difference(prefix + _("order"), *(_shown("", names) for names in kept))


def _by_name(items: list[Any]) -> dict[str, JSONObject]:
    found: dict[str, JSONObject] = {}
    for item in items:
        name, number = item["name"], 1
        while name in found:
            number += 1
            name = f"{item['name']} ({number})"
        found[name] = item
    return found


def _without_name(item: JSONObject | None) -> JSONObject | None:
    return item and {key: value for key, value in item.items() if key != "name"}


def _are_rows(old: Any, new: Any) -> bool:
    """Lists of as many objects each."""
    if not (isinstance(old, list) and isinstance(new, list)) or len(old) != len(new):
        return False
    return all(isinstance(item, dict) for item in [*old, *new])


def _difference(field: str, before: str, after: str, old: Any, new: Any) -> Difference:
    if (old, new) in ((None, _ABSENT), (_ABSENT, None)):  # null overrides the environment
        before, after = (_("empty") if value is None else NOTHING for value in (old, new))
    elif before == after:
        after = _("changed")
    return Difference(_line(field), before, after)


def _hidden(value: Any, word: str) -> str:
    return NOTHING if value is _ABSENT or value in (None, "", [], (), {}) else word


def _shown(name: str, value: Any) -> str:
    text = _line(_text(name, value, DEEPEST))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _text(name: str, value: Any, depth: int) -> str:
    if value is None or value is _ABSENT:
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return _masked(name, value) or _("empty")
    if not isinstance(value, dict | list | tuple):
        return str(value)
    if not depth:
        return HIDDEN
    if isinstance(value, dict):
        hidden = bool(HEADERS_NAME.search(name))
        inner = (f"{key}: {_inner(key, item, depth - 1, hidden)}" for key, item in value.items())
    else:
        inner = (_text(name, item, depth - 1) for item in value)
    return ", ".join(inner) or _("empty")


def _inner(key: str, value: Any, depth: int, hidden: bool) -> str:
    if hidden or SECRET_NAME.search(key):
        return _hidden(value, HIDDEN)
    return _text(key, value, depth)


def _masked(name: str, value: str) -> str:
    if value.startswith(ENCRYPTED) or HEADERS_NAME.search(name):
        return HIDDEN
    if not ADDRESS_NAME.search(name):
        return WEB_ADDRESS.sub(_host_alone, MAKE_SHORTHAND.sub(r"https://\2/…", value))
    if found := MAKE_SHORTHAND.fullmatch(value.strip()):
        return f"https://{found[2]}/{HIDDEN}"
    if found := WEB_ADDRESS.match(value.strip()):
        return _host_alone(found)
    return HIDDEN if value.strip() else ""


def _host_alone(address: re.Match[str]) -> str:
    place, *rest = re.split(r"[/?#\\]", address[2], maxsplit=1)
    host = HOST_AND_PORT.fullmatch(place.rpartition("@")[2])
    if not host:
        return f"{address[1]}://{HIDDEN}"
    return f"{address[1]}://{host[0]}" + (f"/{HIDDEN}" if rest and rest[0] else "")


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
