"""Who may see and change which document: the permissions of its model."""

from __future__ import annotations

from django.http import HttpRequest

from configstore.document import Document
from configstore.documents import (
    MagicLinkTokens,
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
    kind_of,
)

MODELS: dict[type[Document], str] = {
    PollingConfig: "mailbox",
    WebhookConfig: "webhook",
    ProcessingPrefs: "processing",
    RoutingRules: "routing",
    MagicLinkTokens: "magiclink",
}


def may_view(request: HttpRequest, document: str) -> bool:
    return _has(request, "view", document) or may_change(request, document)


def may_change(request: HttpRequest, document: str) -> bool:
    return _has(request, "change", document)


def may_add(request: HttpRequest, kind: type[Document]) -> bool:
    """Whether the person may add further documents of this kind."""
    return _has(request, "add", kind.NAME)


def _has(request: HttpRequest, what: str, document: str) -> bool:
    kind = kind_of(document)
    if kind is None:
        return False
    user = request.user
    return user.is_active and user.has_perm(f"configstore.{what}_{MODELS[kind]}")
