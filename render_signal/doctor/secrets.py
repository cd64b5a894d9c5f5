"""Secrets: whether those inside documents can be read, and whether ours are hard to guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import Tags
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.secrets import SecretUnreadable, decrypt
from configstore.store import ConfigStore
from render_signal.doctor.configuration import documents
from render_signal.doctor.finding import Finding, green, red
from render_signal.doctor.settings import findings_of, system_checks


def secrets() -> Iterator[Finding]:
    yield from findings_of(
        system_checks(Tags.security), _("SECRET_KEY and the other secrets are hard to guess.")
    )
    unreadable = list(_unreadable(config_store()))
    if not unreadable:
        yield green(_("The secrets inside the documents can be read."))
        return
    yield red(
        _("Encrypted with another key, so they cannot be read: %(fields)s.")
        % {"fields": ", ".join(unreadable)},
        _("Put the former SECRET_KEY into CONFIG_ENCRYPTION_KEYS, or enter them again."),
    )


def _unreadable(store: ConfigStore) -> Iterator[str]:
    for kind, name in documents(store):
        if not kind.SECRETS:
            continue
        raw = store.current(kind, name).raw or {}
        for field in kind.SECRETS:
            if not all(_is_readable(text) for text in _texts(raw.get(field))):
                yield f"{field} ({name})"


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _is_readable(text: str) -> bool:
    try:
        decrypt(text)
    except SecretUnreadable:
        return False
    return True
