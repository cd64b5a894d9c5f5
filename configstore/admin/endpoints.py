"""The endpoints: one document each, the default one under the plain name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from configstore.admin import new_secrets
from configstore.admin.further import FurtherAdmin, Words
from configstore.current import Current
from configstore.declared import config_store
from configstore.documents import RoutingRules, WebhookConfig
from configstore.forms.base import DocumentForm
from configstore.forms.webhook import WebhookForm
from configstore.models import Webhook
from configstore.naming import names_of
from configstore.store import ConfigurationUnknown
from configstore.wellbeing import wellbeing_of


@admin.register(Webhook)
class EndpointAdmin(FurtherAdmin):
    kind = WebhookConfig
    form_class = WebhookForm
    default_id = WebhookConfig.NAME
    template = "admin/configstore/endpoint.html"
    list_template = "admin/configstore/endpoints.html"
    delete_template = "admin/configstore/endpoint_delete.html"
    words = Words(
        all=_("Endpoints"),
        default=_("Default endpoint"),
        one=_("Endpoint %(name)s"),
        add=_("Add an endpoint"),
        taken=_("There is an endpoint of this name."),
        added="added endpoint %s",
        removed="removed endpoint %s",
    )

    def form_options(self, object_id: str) -> dict[str, Any]:
        return {"endpoint": self.name_of(object_id)}

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        by_name = wellbeing_of(self.kind.NAME)
        listed = names_of(self.kind, config_store())
        left = {name: each for name, each in by_name.items() if name not in listed}
        return {"wellbeing_by_name": by_name, "left": left}

    def _render(
        self,
        request: HttpRequest,
        object_id: str,
        current: Current[Any],
        form: DocumentForm,
        **answered: Any,
    ) -> TemplateResponse:
        try:
            wellbeing = wellbeing_of(self.kind.NAME).get(self.name_of(object_id))
        except ConfigurationUnknown:
            wellbeing = None  # of the default endpoint, say: this page is about another
        return super()._render(request, object_id, current, form, wellbeing=wellbeing, **answered)

    def delete_context(self, object_id: str) -> dict[str, Any]:
        name = self.name_of(object_id)
        try:
            wellbeing = wellbeing_of(self.kind.NAME).get(name)
            rules = config_store().get(RoutingRules).rules
        except ConfigurationUnknown:
            return {}  # what happens to the list then is said when it is saved
        senders = [rule.name for rule in rules if rule.endpoint == name]
        return {"wellbeing": wellbeing, "refused": _refusal(senders)}

    def saved(self, request: HttpRequest, object_id: str, form: DocumentForm) -> HttpResponse:
        """A new secret is on the page that follows, which may be loaded again."""
        if isinstance(form, WebhookForm) and form.made:
            new_secrets.allow(request, self.document_name(object_id), form.made)
        return super().saved(request, object_id, form)

    def shown(self, request: HttpRequest, object_id: str, current: Current[Any]) -> dict[str, Any]:
        if not self.has_change_permission(request):
            return {}
        name = self.document_name(object_id)
        return {"made": new_secrets.shown(request, name, current.document)}


def _refusal(rules: list[str]) -> str:
    if not rules:
        return ""
    sentence = ngettext(
        "A routing rule sends mails to it: %(rules)s. Change that first.",
        "Routing rules send mails to it: %(rules)s. Change those first.",
        len(rules),
    )
    return sentence % {"rules": ", ".join(gettext("“%(name)s”") % {"name": name} for name in rules)}
