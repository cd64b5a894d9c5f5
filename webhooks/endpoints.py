"""Where deliveries go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.fields import DEFAULT_ENDPOINT
from configstore.secrets import SecretUnreadable, decrypt
from configstore.store import ConfigStore
from webhooks.signing import derive_secret

DEFAULT = DEFAULT_ENDPOINT


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A receiver. id is its name for ever: the webhook-id is computed from it, not from the URL.

    secrets sign each request, the newest first; headers go with it.
    """

    id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
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
        return fingerprint(self.url)


def fingerprint(url: str) -> str:
    """Changes when the address does, and does not tell it."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def endpoint_names(store: ConfigStore) -> tuple[str, ...]:
    """The default endpoint and those that its document lists. Raises ConfigurationUnknown."""
    return (DEFAULT, *store.get(WebhookConfig).endpoints)


def described_endpoint(
    webhook: WebhookConfig, prefs: ProcessingPrefs, name: str = DEFAULT
) -> Endpoint | None:
    """The endpoint as its document describes it, None while that has no URL.

    Raises SecretUnreadable, naming the field.
    """
    if webhook.webhook_url is None:
        return None
    return Endpoint(
        id=name,
        url=webhook.webhook_url,
        secrets=signing_secrets(name, webhook),
        headers={key: _clear("webhook_headers", value) for key, value in
                 webhook.webhook_headers.items()},
        verify_tls=webhook.webhook_ssl_verify,
        mode=webhook.webhook_delivery_mode,
        fallback_on_415=webhook.webhook_fallback_on_415,
        deadline_seconds=float(prefs.webhook_timeout_sec),
    )  # fmt: skip


def signing_secrets(name: str, webhook: WebhookConfig) -> tuple[str, ...]:
    """Those that sign what goes there, the newest first. Raises SecretUnreadable."""
    if webhook.webhook_signing_secrets:
        return tuple(
            _clear("webhook_signing_secrets", value) for value in webhook.webhook_signing_secrets
        )
    return derived_secrets(name)


def derived_secrets(name: str) -> tuple[str, ...]:
    """Those of who was given none."""
    masters = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return tuple(derive_secret(master, name) for master in masters)


def _clear(field: str, value: str) -> str:
    try:
        return decrypt(value)
    except SecretUnreadable as exc:
        raise SecretUnreadable(f"{field}: {exc}") from None


def webhook_id(message_id: str, endpoint_id: str) -> str:
    """The same for one message and one endpoint, for ever, so that a receiver can tell a repeat."""
    digest = hashlib.sha256(f"{message_id}\0{endpoint_id}".encode()).hexdigest()
    return f"msg_{digest[:32]}"
