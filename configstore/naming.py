"""The names under which documents are stored."""

from __future__ import annotations

from configstore.documents import KINDS, Document, PollingConfig, kind_of
from configstore.fields import DEFAULT_MAILBOX, MAILBOX_NAME
from configstore.store import ConfigStore

FURTHER = PollingConfig.NAME + ":"
KNOWN = (*(kind.NAME for kind in KINDS), FURTHER + "NAME")


class UnknownName(Exception):
    """No document has this name; the text lists those that there are."""


def checked_kind(name: str) -> type[Document]:
    """What the document of this name is. Raises UnknownName."""
    kind = kind_of(name)
    _, colon, mailbox = name.partition(":")
    if kind and (not colon or (kind is PollingConfig and is_mailbox(mailbox))):
        return kind
    raise UnknownName(f"{name!r} is no document; there are {', '.join(KNOWN)}")


def is_mailbox(name: str) -> bool:
    return bool(MAILBOX_NAME.fullmatch(name)) and name != DEFAULT_MAILBOX


def mailbox_names(store: ConfigStore) -> tuple[str, ...]:
    """The default mailbox and those that its document lists. Raises ConfigurationUnknown."""
    return (DEFAULT_MAILBOX, *store.get(PollingConfig).mailboxes)
