"""The mailboxes: one document each, the default one under the plain name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore import editing
from configstore.admin.documents import DocumentAdmin, seen_version
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.current import Current
from configstore.declared import config_store
from configstore.documents import PollingConfig, mailbox_document
from configstore.fields import DEFAULT_MAILBOX, MAILBOX_NAME
from configstore.forms.base import DocumentForm
from configstore.forms.mailbox import MailboxForm
from configstore.models import Mailbox
from configstore.naming import mailbox_names
from configstore.store import ConfigurationUnknown


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits, - and _. The log names it so."),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not MAILBOX_NAME.fullmatch(name):
            raise forms.ValidationError(_("Use small letters, digits, - and _ alone."))
        if name in mailbox_names(config_store()):
            raise forms.ValidationError(_("There is a mailbox of this name."))
        return name


@admin.register(Mailbox)
class MailboxAdmin(DocumentAdmin):
    kind = PollingConfig
    form_class = MailboxForm

    def document_name(self, object_id: str) -> str:
        return mailbox_document(object_id)

    def make_form(self, current: Current[Any], object_id: str, data: Any = None) -> DocumentForm:
        return MailboxForm(
            data,
            mailbox=object_id,
            document=current.document,
            raw=current.raw,
            version=seen_version(current, self.kind),
            defaults=config_store().default(self.kind.NAME),
        )

    def title(self, object_id: str) -> str:
        if object_id == DEFAULT_MAILBOX:
            return _("Default mailbox")
        return _("Mailbox %(name)s") % {"name": object_id}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        store = config_store()
        try:
            names = mailbox_names(store)
            boxes = [(name, store.current(PollingConfig, mailbox_document(name))) for name in names]
        except ConfigurationUnknown as exc:
            return self.unknown(request, DEFAULT_MAILBOX, exc)
        if len(boxes) == 1 and not self.has_add_permission(request):
            return HttpResponseRedirect(self.address("change", DEFAULT_MAILBOX))
        context = {
            **self.context(request, DEFAULT_MAILBOX),
            "title": _("Mailboxes"),
            "boxes": boxes,
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/configstore/mailboxes.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if object_id is None:
            return self._add(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Out of the list first: a list without its document is worse than the reverse."""
        self.must_exist(object_id)
        if object_id == DEFAULT_MAILBOX or not self.has_delete_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            context = self.context(request, object_id)
            return TemplateResponse(request, "admin/configstore/mailbox_delete.html", context)

        def without(raw: JSONObject) -> JSONObject:
            names = PollingConfig.model_validate(raw).mailboxes
            return raw | {"mailboxes": [name for name in names if name != object_id]}

        action = f"removed mailbox {object_id}"
        if self._update_list(request, without, action):
            self._remove_document(request, object_id, action)
            self.log_deletions(request, [Mailbox(name=object_id)])  # type: ignore[arg-type]  # no queryset: no table
        return HttpResponseRedirect(self.address("changelist"))

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            config_store().get(PollingConfig)
        except ConfigurationUnknown as exc:
            return self.unknown(request, DEFAULT_MAILBOX, exc)
        form = NameForm(request.POST or None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            name = form.cleaned_data["name"]

            def with_name(raw: JSONObject) -> JSONObject:
                names = PollingConfig.model_validate(raw).mailboxes
                return raw | {"mailboxes": [*names, name]}

            if self._update_list(request, with_name, f"added mailbox {name}"):
                self.log_addition(request, Mailbox(name=name), [{"added": {}}])
                return HttpResponseRedirect(self.address("change", name))
        context = {
            **self.context(request, DEFAULT_MAILBOX),
            "title": _("Add a mailbox"),
            "form": form,
        }
        return TemplateResponse(request, "admin/configstore/mailbox_add.html", context)

    def _update_list(self, request: HttpRequest, change: Any, action: str) -> bool:
        try:
            written = editing.update(
                config_store(),
                PollingConfig,
                PollingConfig.NAME,
                change,
                author=request.user.get_username(),
                action=action,
            )
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
            tell_store_trouble(request, exc)
            return False
        tell_saved(request, _("Mailboxes"), written)
        return True

    def _remove_document(self, request: HttpRequest, object_id: str, action: str) -> None:
        name = mailbox_document(object_id)
        store = config_store()
        try:
            editing.save(
                store,
                PollingConfig,
                name,
                None,
                expected=store.current(PollingConfig, name).version,
                author=request.user.get_username(),
                action=action,
            )
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged):
            messages.warning(
                request, _("Its settings are still stored; a mailbox of this name would find them.")
            )

    def must_exist(self, object_id: str) -> None:
        try:
            names = mailbox_names(config_store())
        except ConfigurationUnknown:
            return  # the page says so
        if object_id not in names:
            raise Http404
