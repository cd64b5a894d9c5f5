"""The page of the routing rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from configstore.admin.documents import DocumentAdmin
from configstore.declared import config_store
from configstore.documents import RoutingRules
from configstore.forms.routing import RoutingForm
from configstore.models import Routing
from configstore.rule_endpoints import described_endpoints


@admin.register(Routing)
class RoutingAdmin(DocumentAdmin):
    kind = RoutingRules
    form_class = RoutingForm
    template = "admin/configstore/routing.html"

    def form_options(self, object_id: str) -> dict[str, Any]:
        return {"described": described_endpoints(config_store())}
