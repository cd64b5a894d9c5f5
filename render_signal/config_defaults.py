"""The fields of the configuration documents that the environment supplies."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from configstore.documents import Document, PollingConfig, ProcessingPrefs, WebhookConfig
from render_signal.env import Env

# For each variable the document and field that it fills, and what a right value looks like.
FIELDS: dict[str, tuple[type[Document], str, str]] = {
    "SENDER_OF_INTEREST_FOR_POLLING": (
        PollingConfig,
        "sender_of_interest_for_polling",
        "a@example.com,b@example.com",
    ),
    "POLLING_TIMEZONE": (PollingConfig, "timezone", "Europe/Paris"),
    "POLLING_ACTIVE_DAYS": (PollingConfig, "active_days", "0,1,2,3,4"),
    "POLLING_ACTIVE_START_HOUR": (PollingConfig, "active_start_hour", "8"),
    "POLLING_ACTIVE_END_HOUR": (PollingConfig, "active_end_hour", "19"),
    "EMAIL_POLLING_INTERVAL_SECONDS": (PollingConfig, "interval_seconds", "30"),
    "ENABLE_SUBJECT_GROUP_DEDUP": (PollingConfig, "enable_subject_group_dedup", "true"),
    "SUBJECT_GROUP_TTL_SECONDS": (PollingConfig, "subject_group_ttl_seconds", "0"),
    "ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS": (ProcessingPrefs, "relay_without_links", "true"),
    "WEBHOOK_URL": (WebhookConfig, "webhook_url", "https://hook.example.com/path"),
    "WEBHOOK_SSL_VERIFY": (WebhookConfig, "webhook_ssl_verify", "true"),
}


def config_defaults(env: Env) -> dict[str, dict[str, Any]]:
    """For each document the fields whose variable is set. Raises ImproperlyConfigured.

    The documents' own rules decide what is right: a variable and a stored field that say the
    same are read the same.
    """
    defaults: dict[str, dict[str, Any]] = {}
    for variable, (document, field, example) in FIELDS.items():
        value = env.text(variable)
        if not value:
            continue
        try:
            document.model_validate({field: value})
        except ValidationError as exc:
            what = exc.errors(include_url=False, include_input=False)[0]["msg"]
            what = what.removeprefix("Value error, ")
            raise env.fault(variable, f"is wrong: {what}", f"{variable}={example}") from None
        defaults.setdefault(document.NAME, {})[field] = value
    return defaults
