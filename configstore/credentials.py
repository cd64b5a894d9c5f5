"""How the default mailbox is reached and logged in to, as far as the environment says it.

Credentials are the exception to the rule that a document outranks the environment.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

VARIABLES = {
    "imap_host": "IMAP_SERVER",
    "imap_port": "IMAP_PORT",
    "imap_security": "IMAP_USE_SSL",
    "imap_user": "EMAIL_ADDRESS",
    "imap_password": "EMAIL_PASSWORD",
    "oauth_provider": "EMAIL_OAUTH_PROVIDER",
    "oauth_client_id": "EMAIL_OAUTH_CLIENT_ID",
    "oauth_client_secret": "EMAIL_OAUTH_CLIENT_SECRET",
    "oauth_refresh_token": "EMAIL_OAUTH_REFRESH_TOKEN",
    "oauth_tenant": "EMAIL_OAUTH_TENANT",
    "oauth_token_url": "EMAIL_OAUTH_TOKEN_URL",
    "oauth_scope": "EMAIL_OAUTH_SCOPE",
}


def environment_fields() -> dict[str, Any]:
    """The fields of the default mailbox that the environment sets."""
    values = {field: getattr(settings, variable) for field, variable in VARIABLES.items()}
    if values["imap_security"] is not None:
        values["imap_security"] = "tls" if values["imap_security"] else "none"
    return {field: value for field, value in values.items() if value not in (None, "")}
