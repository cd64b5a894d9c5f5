"""How a document from elsewhere goes into the one that is stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from configstore.backends.base import JSONObject
from configstore.differences import same
from configstore.document import Document
from configstore.documents import MagicLinkTokens
from configstore.fields import split
from configstore.secrets import SecretUnreadable, decrypt, encrypt, is_encrypted


def sealed(kind: type[Document], document: JSONObject) -> JSONObject:
    """The document with its secrets encrypted. Raises SecretUnreadable, naming the field, for
    one that was encrypted with a key that is not ours: it would lock us out later."""
    secrets = {
        name: _sealed(name, document[name], kind.model_fields[name].default)
        for name in kind.SECRETS
        if document.get(name)
    }
    return document | secrets


def kept(kind: type[Document], stored: JSONObject | None, incoming: JSONObject) -> JSONObject:
    """The incoming document, with its secrets encrypted; those that are what is stored stay to
    the letter, as does their field where all of them are. Raises SecretUnreadable."""
    before = stored or {}
    secrets = {
        name: _same_or(before.get(name), _kept(before.get(name), value))
        for name, value in sealed(kind, incoming).items()
        if name in kind.SECRETS
    }
    return incoming | secrets


def merged(kind: type[Document], stored: JSONObject | None, incoming: JSONObject) -> JSONObject:
    """What is stored, with the fields of the incoming document; the others stay.

    A field that means the same stays to the letter, an encrypted secret too. The names of
    further documents are added to those there are; a link that was used stays used. Raises
    SecretUnreadable.
    """
    before = stored or {}
    fields = {
        name: _field(kind, name, before.get(name), value)
        for name, value in kept(kind, stored, incoming).items()
    }
    return before | fields


def brought_back(
    kind: type[Document], stored: JSONObject | None, wanted: JSONObject, touched: Collection[str]
) -> JSONObject:
    """The wanted document, a former state of the stored one. What the relay has renewed since
    stays, as the former value may be worth nothing any more: unless it belongs to something
    else, or is among the fields that are to be brought back."""
    before = stored or {}
    renewed = {
        name: before[name]
        for name, owner in kind.RENEWED.items()
        if name not in touched
        and wanted.get(name)
        and before.get(name)
        and all(wanted.get(field) == before.get(field) for field in owner)
    }
    return wanted | renewed


def listed_names(kind: type[Document], document: JSONObject | None) -> tuple[str, ...]:
    """The further ones that a default document lists; none where its list makes no sense."""
    try:
        found = kind.model_validate({kind.FURTHER: (document or {})[kind.FURTHER]})
    except (KeyError, ValidationError):
        return ()
    names: tuple[str, ...] = getattr(found, kind.FURTHER)
    return names


def with_names(kind: type[Document], before: Any, after: Any) -> Any:
    """Both lists as one. A faulty `after` stays as it is, for validation to name."""
    listed = listed_names(kind, {kind.FURTHER: before})
    added = listed_names(kind, {kind.FURTHER: after})
    if not listed or (after and not added):
        return after
    return before if set(added) <= set(listed) else list(dict.fromkeys([*listed, *added]))


def _field(kind: type[Document], name: str, before: Any, after: Any) -> Any:
    if same(before, after):
        return before
    if kind.FURTHER and name == kind.FURTHER:
        return with_names(kind, before, after)
    if kind is MagicLinkTokens and _is_used(before) and isinstance(after, dict):
        return before
    return after


def _is_used(link: Any) -> bool:
    return isinstance(link, dict) and link.get("consumed") is True


def _sealed(name: str, value: Any, default: Any) -> Any:
    """The default tells what the field is: an object of texts, a list of them, or one."""
    if isinstance(default, dict) and isinstance(value, dict):
        return {key: _sealed(f"{name}.{key}", item, "") for key, item in value.items()}
    if isinstance(default, tuple) and isinstance(items := split(value), tuple):
        return [_sealed(name, item, "") for item in items]
    if isinstance(default, dict | tuple) or not isinstance(value, str) or not value:
        return value
    if not is_encrypted(value):
        return encrypt(value)
    try:
        decrypt(value)
    except SecretUnreadable as exc:
        raise SecretUnreadable(f"{name}: {exc}") from None
    return value


def _kept(stored: Any, value: Any) -> Any:
    """The value, each secret of it as it is stored if it is stored."""
    if isinstance(value, dict):
        before = stored if isinstance(stored, dict) else {}
        return {key: _kept(before.get(key), item) for key, item in value.items()}
    if isinstance(value, list):
        olds = stored if isinstance(stored, list) else []
        return [next((old for old in olds if _same_secret(old, item)), item) for item in value]
    return stored if _same_secret(stored, value) else value


def _same_or(stored: Any, value: Any) -> Any:
    return stored if same(stored, value) else value


def _same_secret(stored: Any, incoming: Any) -> bool:
    if not (isinstance(stored, str) and isinstance(incoming, str) and is_encrypted(stored)):
        return False
    try:
        return decrypt(stored) == decrypt(incoming)
    except SecretUnreadable:
        return False
