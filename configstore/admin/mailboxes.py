"""The mailboxes: one document each, the default one under the plain name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from configstore.admin.further import FurtherAdmin, Words
from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.forms.mailbox import MailboxForm
from configstore.models import Mailbox
from configstore.naming import mailbox_names
from configstore.store import ConfigurationUnknown


@admin.register(Mailbox)
class MailboxAdmin(FurtherAdmin):
    kind = PollingConfig
    form_class = MailboxForm
    list_template = "admin/configstore/mailboxes.html"
    delete_template = "admin/configstore/mailbox_delete.html"
    words = Words(
        all=_("Mailboxes"),
        default=_("Default mailbox"),
        one=_("Mailbox %(name)s"),
        add=_("Add a mailbox"),
        taken=_("There is a mailbox of this name."),
        added="added mailbox %s",
        removed="removed mailbox %s",
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Whoever cannot add a second one is led to the only one."""
        if not self.has_add_permission(request) and self.has_view_or_change_permission(request):
            try:
                alone = len(mailbox_names(config_store())) == 1
            except ConfigurationUnknown:
                alone = False  # the list says it
            if alone:
                return HttpResponseRedirect(self.address("change", self.default_id))
        return super().changelist_view(request, extra_context)

    def form_options(self, object_id: str) -> dict[str, Any]:
        return {"mailbox": self.name_of(object_id)}
