"""The endpoints beside the list of deliveries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from configstore.declared import config_store
from configstore.documents import WebhookConfig
from configstore.naming import endpoint_names
from configstore.store import ConfigurationUnknown
from webhooks import journal
from webhooks.endpoints import DEFAULT
from webhooks.models import Delivery


class EndpointFilter(admin.SimpleListFilter):
    """Those that are listed, and others that have anything waiting: to ask all rows for their
    endpoints would take longer than the page."""

    title = _("endpoint")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        listed = _listed()
        others = sorted(journal.waiting_endpoints() - {*listed})
        return [(name, name) for name in (*listed, *others)]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        name = self.value()
        return queryset.filter(endpoint=name) if name else queryset


def address_of_tests() -> str:
    """Where a test webhook is sent from: the button of the one endpoint, or the list of them."""
    if len(_listed()) > 1:
        return reverse("admin:configstore_webhook_changelist")
    page = reverse("admin:configstore_webhook_change", args=[WebhookConfig.NAME])
    return f"{page}#row_webhook_url"


def _listed() -> tuple[str, ...]:
    try:
        return endpoint_names(config_store())
    except ConfigurationUnknown:
        return (DEFAULT,)
