"""Signatures after Standard Webhooks 1.0.0 (symmetric, v1)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from configstore.signing_secrets import PREFIX


class BadSecret(ValueError):
    """Not a signing secret: whsec_ and the base64 of 24 to 64 bytes."""


def decode_secret(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:  # binascii.Error is one
        raise BadSecret("a signing secret is whsec_ and base64") from None
    if not 24 <= len(key) <= 64:
        raise BadSecret("a signing secret holds 24 to 64 bytes")
    return key


def sign(secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of webhook-signature: one entry for each secret, so that they can rotate."""
    signed = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(decode_secret(secret), signed, "sha256")).decode()
        for secret in secrets
    )
