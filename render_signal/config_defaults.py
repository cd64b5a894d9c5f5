"""The fields of the configuration documents that the environment supplies."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from configstore.document import Document
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from render_signal.env import Env


class Field(NamedTuple):
    """The field of a document that a variable fills; wrong continues the variable's name in
    the sentence for whoever gave it another value."""

    document: type[Document]
    name: str
    wrong: str
    example: str


NEITHER = "is neither true nor false"
FIELDS = {
    "SENDER_OF_INTEREST_FOR_POLLING": Field(
        PollingConfig,
        "sender_of_interest_for_polling",
        "must list addresses or domains, separated by commas",
        "a@example.com,example.org",
    ),
    "POLLING_TIMEZONE": Field(PollingConfig, "timezone", "is not a time zone", "Europe/Paris"),
    "POLLING_ACTIVE_DAYS": Field(
        PollingConfig,
        "active_days",
        "must list days from 0 (Monday) to 6 (Sunday), separated by commas",
        "0,1,2,3,4",
    ),
    "POLLING_ACTIVE_START_HOUR": Field(
        PollingConfig, "active_start_hour", "is not an hour from 0 to 23", "8"
    ),
    "POLLING_ACTIVE_END_HOUR": Field(
        PollingConfig, "active_end_hour", "is not an hour from 0 to 23", "19"
    ),
    "EMAIL_POLLING_INTERVAL_SECONDS": Field(
        PollingConfig, "interval_seconds", "is not a number of seconds from 1 to 3600", "30"
    ),
    "ENABLE_SUBJECT_GROUP_DEDUP": Field(
        PollingConfig, "enable_subject_group_dedup", NEITHER, "true"
    ),
    "SUBJECT_GROUP_TTL_SECONDS": Field(
        PollingConfig,
        "subject_group_ttl_seconds",
        "is not a number of seconds from 0 to 31622400",
        "0",
    ),
    "ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS": Field(
        ProcessingPrefs, "relay_without_links", NEITHER, "true"
    ),
    "JOURNAL_DAYS": Field(
        ProcessingPrefs, "journal_days", "is not a number of days from 0 to 3650", "90"
    ),
    "WEBHOOK_URL": Field(
        WebhookConfig,
        "webhook_url",
        "is not a whole address without a user name or password",
        "https://hook.example.com/path",
    ),
    "WEBHOOK_SSL_VERIFY": Field(WebhookConfig, "webhook_ssl_verify", NEITHER, "true"),
}
# No defaults, as they win over the document; the document's rules hold for them all the same.
WINNING = {
    "IMAP_SERVER": Field(
        PollingConfig, "imap_host", "is not a host name alone", "imap.example.com"
    ),
    "EMAIL_OAUTH_PROVIDER": Field(
        PollingConfig, "oauth_provider", "is none of google, microsoft, other", "google"
    ),
    "EMAIL_OAUTH_TENANT": Field(
        PollingConfig, "oauth_tenant", "is neither common nor a domain or an id", "example.com"
    ),
    "EMAIL_OAUTH_TOKEN_URL": Field(
        PollingConfig,
        "oauth_token_url",
        "is not a whole address without a user name or password",
        "https://login.example.com/token",
    ),
}


def config_defaults(env: Env) -> dict[str, dict[str, Any]]:
    """For each document the fields whose variable is set. Raises ImproperlyConfigured.

    The documents' own rules decide what is right: a variable and a stored field that say the
    same are read the same.
    """
    defaults: dict[str, dict[str, Any]] = {}
    for variable, field in FIELDS.items():
        if value := checked_text(env, variable, field):
            defaults.setdefault(field.document.NAME, {})[field.name] = value
    for variable, field in WINNING.items():
        checked_text(env, variable, field)
    return defaults


def checked_text(env: Env, variable: str, field: Field) -> str:
    value = env.text(variable)
    if not value:
        return ""
    try:
        field.document.model_validate({field.name: value})
    except ValidationError:
        raise env.fault(variable, field.wrong, f"{variable}={field.example}") from None
    return value
