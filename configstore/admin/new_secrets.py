"""Signing secrets that were just made, shown for a while to the browser that made them.

The session keeps no secret, only which one it may be shown: what is shown is decrypted from the
document itself.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from django.http import HttpRequest

from configstore.documents import WebhookConfig
from configstore.secrets import SecretUnreadable, decrypt

SHOWN_FOR = timedelta(minutes=10)
KEY = "new_signing_secrets"


def allow(request: HttpRequest, name: str, secret: str) -> None:
    """name: that of the document."""
    ends = time.time() + SHOWN_FOR.total_seconds()
    request.session[KEY] = {**request.session.get(KEY, {}), name: [_digest(secret), ends]}


def shown(request: HttpRequest, name: str, config: WebhookConfig) -> str:
    """ "" if there is none to be shown any more."""
    digest, ends = request.session.get(KEY, {}).get(name, ("", 0.0))
    if not digest or not config.webhook_signing_secrets:
        return ""
    if time.time() >= ends:
        del request.session[KEY]
        return ""
    try:
        newest = decrypt(config.webhook_signing_secrets[0])
    except SecretUnreadable:
        return ""
    return newest if _digest(newest) == digest else ""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
