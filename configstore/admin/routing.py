"""The page of the routing rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from configstore.admin.documents import DocumentAdmin
from configstore.current import Current
from configstore.declared import config_store
from configstore.destinations import described_endpoints
from configstore.documents import RoutingRules
from configstore.forms.base import DocumentForm
from configstore.forms.routing import RoutingForm
from configstore.models import Routing


@admin.register(Routing)
class RoutingAdmin(DocumentAdmin):
    kind = RoutingRules
    form_class = RoutingForm
    template = "admin/configstore/routing.html"

    def make_form(self, current: Current[Any], object_id: str, data: Any = None) -> DocumentForm:
        return RoutingForm(
            data,
            described=described_endpoints(config_store()),
            document=current.document,
            raw=current.raw,
            version=current.version,
            defaults=config_store().default(self.kind.NAME),
        )
