"""The secrets that sign webhooks, as receivers have them: whsec_ and base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX = "whsec_"
SECRET_BYTES = 32


def make_secret() -> str:
    return _secret(secrets.token_bytes(SECRET_BYTES))


def derive_secret(master: str, endpoint: str) -> str:
    """The secret of an endpoint that was given none: the same as long as master is the same."""
    key = hmac.new(master.encode(), f"webhook-signature/{endpoint}".encode(), hashlib.sha256)
    return _secret(key.digest())


def derived_secrets(endpoint: str) -> tuple[str, ...]:
    """Those that sign for an endpoint that was given none, the newest first."""
    masters = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return tuple(derive_secret(master, endpoint) for master in masters)


def _secret(key: bytes) -> str:
    return PREFIX + base64.b64encode(key).decode()
