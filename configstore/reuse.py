"""Stored secrets in a text that somebody edited or brings in.

Who may change a document sees its secrets encrypted, and must not have them sent to a place of
his own by giving the document another address, or by putting them into another document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from configstore.backends.base import JSONObject
from configstore.current import DocumentFaulty
from configstore.differences import same
from configstore.document import Document
from configstore.documents import document_of
from configstore.fields import translatable as _
from configstore.merging import listed_names
from configstore.naming import SEVERAL
from configstore.secrets import is_encrypted
from configstore.store import ConfigStore, ConfigurationUnknown

ELSEWHERE = _("it is stored for another place: enter it again")


class SecretMoved(Exception):
    """A text that is stored encrypted would go to another place than it was entered for. The
    message names the field."""


def check_reuse(store: ConfigStore, kind: type[Document], name: str, incoming: JSONObject) -> None:
    """Raises SecretMoved."""
    stored = _stored(store, kind, name)
    for field in kind.SECRETS:
        texts = set(_encrypted(incoming.get(field)))
        own = set(_encrypted(stored.get(field)))
        if texts & own and _is_moved(kind, field, stored, incoming):
            raise SecretMoved(f"{field}: {ELSEWHERE}")
        if texts - own and (texts - own) & _of_others(store, name, field):
            raise SecretMoved(f"{field}: {ELSEWHERE}")


def _stored(store: ConfigStore, kind: type[Document], name: str) -> JSONObject:
    """As much of it as is known: one that is faulty is repaired by such a text."""
    try:
        return store.current(kind, name).raw or {}
    except DocumentFaulty as exc:
        return exc.reading.document or {}
    except ConfigurationUnknown:
        return {}


def _is_moved(kind: type[Document], field: str, before: JSONObject, after: JSONObject) -> bool:
    defaults = {place: kind.model_fields[place].default for place in kind.GOES_TO.get(field, ())}
    return any(
        not same(before.get(place, default), after.get(place, default))
        for place, default in defaults.items()
    )


def _of_others(store: ConfigStore, name: str, field: str) -> set[str]:
    """All encrypted texts but those of this field of this document."""
    found: set[str] = set()
    for kind, each in _documents(store):
        document = _stored(store, kind, each)
        for secret in kind.SECRETS:
            if (each, secret) != (name, field):
                found.update(_encrypted(document.get(secret)))
    return found


def _documents(store: ConfigStore) -> Iterator[tuple[type[Document], str]]:
    """Of each kind of which there may be several, the default one and those that it lists."""
    for kind in SEVERAL:
        listed = listed_names(kind, _stored(store, kind, kind.NAME))
        yield kind, kind.NAME
        yield from ((kind, document_of(kind, further)) for further in listed)


def _encrypted(value: Any) -> Iterator[str]:
    """The field is one text, a list of them, or an object of them."""
    if isinstance(value, str):
        value = [value]
    for text in value.values() if isinstance(value, dict) else value or ():
        if isinstance(text, str) and is_encrypted(text):
            yield text
