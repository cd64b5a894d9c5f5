"""The names under which documents are stored."""

from __future__ import annotations

from configstore.document import Document
from configstore.documents import KINDS, PollingConfig, WebhookConfig, kind_of
from configstore.fields import DEFAULT, MAILBOX_NAME
from configstore.store import ConfigStore

SEVERAL = tuple(kind for kind in KINDS if kind.FURTHER)
"""The kinds of which there may be more than the default document."""
KNOWN = (*(kind.NAME for kind in KINDS), *(f"{kind.NAME}:NAME" for kind in SEVERAL))


class UnknownName(Exception):
    """No document has this name; the text lists those that there are."""


def checked_kind(name: str) -> type[Document]:
    """What the document of this name is. Raises UnknownName."""
    kind = kind_of(name)
    _, colon, further = name.partition(":")
    if kind and (not colon or (kind in SEVERAL and _is_further(further))):
        return kind
    raise UnknownName(f"{name!r} is no document; there are {', '.join(KNOWN)}")


def further_name(document: str) -> str:
    """What the document of this name describes, "" for the default one of its kind."""
    return document.partition(":")[2]


def names_of(kind: type[Document], store: ConfigStore) -> tuple[str, ...]:
    """The default one and those that its document lists. Raises ConfigurationUnknown."""
    return (DEFAULT, *getattr(store.get(kind), kind.FURTHER))


def mailbox_names(store: ConfigStore) -> tuple[str, ...]:
    """All mailboxes. Raises ConfigurationUnknown."""
    return names_of(PollingConfig, store)


def endpoint_names(store: ConfigStore) -> tuple[str, ...]:
    """The default endpoint and those that its document lists. Raises ConfigurationUnknown."""
    return names_of(WebhookConfig, store)


def _is_further(name: str) -> bool:
    return bool(MAILBOX_NAME.fullmatch(name)) and name != DEFAULT
