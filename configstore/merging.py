"""How a document from elsewhere goes into the one that is stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from configstore.backends.base import JSONObject
from configstore.differences import same
from configstore.documents import Document, MagicLinkTokens, PollingConfig
from configstore.secrets import SecretUnreadable, decrypt, encrypt, is_encrypted


def sealed(kind: type[Document], document: JSONObject) -> JSONObject:
    """The document with its secrets encrypted. Raises SecretUnreadable, naming the field, for
    one that was encrypted with a key that is not ours: it would lock us out later."""
    secrets = {
        name: _sealed(name, document[name])
        for name in kind.SECRETS
        if document.get(name) and isinstance(document[name], str)
    }
    return document | secrets


def merged(kind: type[Document], stored: JSONObject | None, incoming: JSONObject) -> JSONObject:
    """What is stored, with the fields of the incoming document; the others stay.

    A field that means the same stays to the letter, an encrypted secret too. The names of
    mailboxes are added to those there are; a link that was used stays used. Raises
    SecretUnreadable.
    """
    before = stored or {}
    sealed_ones = sealed(kind, incoming)
    fields = {
        name: _field(kind, name, before.get(name), value, incoming[name])
        for name, value in sealed_ones.items()
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


def mailbox_names(document: JSONObject | None) -> tuple[str, ...]:
    """The further mailboxes that a polling_config lists; none where its list makes no sense."""
    try:
        return PollingConfig.model_validate({"mailboxes": (document or {})["mailboxes"]}).mailboxes
    except (KeyError, ValidationError):
        return ()


def with_mailboxes(before: Any, after: Any) -> Any:
    """Both lists as one. A faulty `after` stays as it is, for validation to name."""
    listed, added = mailbox_names({"mailboxes": before}), mailbox_names({"mailboxes": after})
    if not listed or (after and not added):
        return after
    return before if set(added) <= set(listed) else list(dict.fromkeys([*listed, *added]))


def _field(kind: type[Document], name: str, before: Any, after: Any, plain: Any) -> Any:
    if same(before, after) or (name in kind.SECRETS and _same_secret(before, plain)):
        return before
    if kind is PollingConfig and name == "mailboxes":
        return with_mailboxes(before, after)
    if kind is MagicLinkTokens and _is_used(before) and isinstance(after, dict):
        return before
    return after


def _is_used(link: Any) -> bool:
    return isinstance(link, dict) and link.get("consumed") is True


def _sealed(name: str, value: str) -> str:
    if not is_encrypted(value):
        return encrypt(value)
    try:
        decrypt(value)
    except SecretUnreadable as exc:
        raise SecretUnreadable(f"{name}: {exc}") from None
    return value


def _same_secret(stored: Any, incoming: Any) -> bool:
    if not (isinstance(stored, str) and isinstance(incoming, str) and is_encrypted(stored)):
        return False
    try:
        return decrypt(stored) == decrypt(incoming)
    except SecretUnreadable:
        return False
