"""Secrets inside documents, encrypted at rest.

A stored secret is "fernet:" and a token (https://github.com/fernet/spec). The first of
CONFIG_ENCRYPTION_KEYS encrypts, all of them decrypt, so that keys can be exchanged.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PREFIX = "fernet:"


class SecretUnreadable(Exception):
    """The secret was encrypted with a key that the settings do not hold any more."""


def encrypt(secret: str) -> str:
    return PREFIX + _fernet().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """Also takes what somebody wrote into the document by hand, unencrypted.

    Raises SecretUnreadable.
    """
    if not is_encrypted(stored):
        return stored
    try:
        return _fernet().decrypt(stored.removeprefix(PREFIX)).decode()
    except (InvalidToken, ValueError):  # ValueError: characters that no token has
        raise SecretUnreadable(
            "it was encrypted with another key: enter it again, or add the former key to "
            "CONFIG_ENCRYPTION_KEYS"
        ) from None


def is_encrypted(stored: str) -> bool:
    return stored.startswith(PREFIX)


def says_the_same(stored: object, other: object) -> bool:
    """Two values of a document. A secret is encrypted differently each time."""
    if isinstance(stored, dict) and isinstance(other, dict):
        return stored.keys() == other.keys() and all(
            says_the_same(value, other[name]) for name, value in stored.items()
        )
    if isinstance(stored, list) and isinstance(other, list):
        return len(stored) == len(other) and all(map(says_the_same, stored, other))
    if not (isinstance(stored, str) and isinstance(other, str) and is_encrypted(stored)):
        return stored == other
    try:
        return decrypt(stored) == decrypt(other)
    except SecretUnreadable:
        return stored == other


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_key(text)) for text in settings.CONFIG_ENCRYPTION_KEYS])


def _key(text: str) -> bytes:
    """Fernet wants 32 bytes; people have a text of any length."""
    return base64.urlsafe_b64encode(
        hashlib.sha256(b"configstore.secrets\0" + text.encode()).digest()
    )
