"""Where deliveries go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from configstore.documents import ProcessingPrefs, WebhookConfig
from webhooks.signing import derive_secret

DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A receiver. id is its name for ever: the webhook-id is computed from it, not from the URL.

    secrets sign each request, the newest first.
    """

    id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    verify_tls: bool = True
    mode: str = "json"
    fallback_on_415: bool = True
    deadline_seconds: float = 25.0

    @property
    def host(self) -> str:
        """All of the address that may be told."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    @property
    def unchecked(self) -> str:
        """What has to be said of an endpoint whose certificate nobody checks, "" of others."""
        if self.verify_tls or self.url[:6].lower() != "https:":
            return ""
        return f"the certificate of {self.host} is not checked (webhook_ssl_verify is false)"

    @property
    def fingerprint(self) -> str:
        """Changes when the address does, and does not tell it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]


def default_endpoint(webhook: WebhookConfig, prefs: ProcessingPrefs) -> Endpoint | None:
    """The endpoint of webhook_config, None while it has no URL."""
    if webhook.webhook_url is None:
        return None
    masters = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return Endpoint(
        id=DEFAULT,
        url=webhook.webhook_url,
        secrets=tuple(derive_secret(master, DEFAULT) for master in masters),
        verify_tls=webhook.webhook_ssl_verify,
        mode=webhook.webhook_delivery_mode,
        fallback_on_415=webhook.webhook_fallback_on_415,
        deadline_seconds=float(prefs.webhook_timeout_sec),
    )


def webhook_id(message_id: str, endpoint_id: str) -> str:
    """The same for one message and one endpoint, for ever, so that a receiver can tell a repeat."""
    digest = hashlib.sha256(f"{message_id}\0{endpoint_id}".encode()).hexdigest()
    return f"msg_{digest[:32]}"
