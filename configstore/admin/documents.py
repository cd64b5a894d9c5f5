"""The page on which a document is edited."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from configstore import editing, extra_pages, probes
from configstore.admin.json_page import JsonPage
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, StoreUnavailable, Version
from configstore.backends.json_text import version_of
from configstore.current import Current, DocumentFaulty
from configstore.declared import config_store
from configstore.document import Document
from configstore.documents import ProcessingPrefs
from configstore.forms.base import DocumentForm
from configstore.forms.processing import ProcessingForm
from configstore.models import Processing, Revision
from configstore.store import ConfigurationUnknown
from configstore.store_check import check_stores


def seen_version(current: Current[Any], kind: type[Document]) -> Version:
    """Of what a page shows of the document: a field that the relay replaces by itself is no
    edit of somebody else."""
    if current.raw is None or current.fault:
        return current.version
    return version_of({key: value for key, value in current.raw.items() if key not in kind.RENEWED})


class DocumentAdmin(JsonPage):
    form_class: ClassVar[type[DocumentForm]]
    template: ClassVar[str] = "admin/configstore/document.html"

    def make_form(
        self,
        current: Current[Any],
        object_id: str,
        data: Any = None,
        only: Container[str] | None = None,
    ) -> DocumentForm:
        return self.form_class(
            data,
            document=current.document,
            raw=current.raw,
            version=seen_version(current, self.kind),
            defaults=config_store().default(self.kind, self.document_name(object_id)),
            only=only,
            **self.form_options(object_id),
        )

    def form_options(self, object_id: str) -> dict[str, Any]:
        """What the form has to know beside the document."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path("<path:object_id>/json/", wrap(self.json_view), name=f"{name}_json"),
            path("<path:object_id>/stores/", wrap(self.stores_view), name=f"{name}_stores"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(self.address("change", self.kind.NAME))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        object_id = object_id or self.kind.NAME
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        self.must_exist(object_id)
        try:
            current = config_store().current(self.kind, self.document_name(object_id))
        except ConfigurationUnknown as exc:
            if isinstance(exc, DocumentFaulty) and self.has_change_permission(request):
                return HttpResponseRedirect(self.address("json", object_id))
            return self.unknown(request, object_id, exc)
        if current.fault and self.has_change_permission(request):
            return HttpResponseRedirect(self.address("json", object_id))
        if request.method == "POST":
            return self._submitted(request, object_id, current)
        form = self.make_form(current, object_id)
        return self._render(
            request, object_id, current, form, **self.shown(request, object_id, current)
        )

    def stores_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether each store answers and takes a document. Whoever had to log in after the press
        comes back without it: to the page, to press again."""
        if request.method != "POST":
            return HttpResponseRedirect(self.address("change", object_id))
        if not self.has_change_permission(request):
            raise PermissionDenied
        for answer in check_stores(config_store().chain.backends):
            level = messages.SUCCESS if answer.ok else messages.ERROR
            messages.add_message(request, level, answer.sentence)
        return HttpResponseRedirect(self.address("change", object_id))

    def _submitted(
        self, request: HttpRequest, object_id: str, current: Current[Any]
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = self.make_form(current, object_id, request.POST)
        if not form.is_valid():
            return self._render(request, object_id, current, form)
        probe = probes.probe_named(request.POST.get("_probe", ""))
        if probe is not None and probe.kind == self.kind.NAME:
            answer = probe.run(self.document_name(object_id), form.document())
            form.keep_secrets()
            return self._render(request, object_id, current, form, probed=probe, answer=answer)
        if (page := extra_pages.page_of(self.kind.NAME)) and "_extra" in request.POST:
            return page.show(request, form.document())
        if form.expected != seen_version(current, self.kind):
            if form.is_stored():
                messages.info(request, _("This is saved already."))
                return HttpResponseRedirect(self.address("change", object_id))
            return self._conflict(request, object_id, current, form)
        return self._save(request, object_id, current, form)

    def _save(
        self, request: HttpRequest, object_id: str, current: Current[Any], form: DocumentForm
    ) -> HttpResponse:
        name, raw = self.document_name(object_id), form.merged()
        if raw == form.raw:
            messages.info(request, _("Nothing was changed."))
            return HttpResponseRedirect(self.address("change", object_id))
        try:
            written = editing.save(
                config_store(),
                self.kind,
                name,
                raw,
                expected=current.version,
                author=request.user.get_username(),
                action="changed",
            )
        except DocumentChanged:
            fresh = config_store().current(self.kind, name)
            again = self.make_form(fresh, object_id, request.POST)
            return self._conflict(request, object_id, fresh, again)
        except (StoreUnavailable, ConfigurationUnknown) as exc:
            tell_store_trouble(request, exc)
            return self._render(request, object_id, current, form)
        self.note(request, object_id, form.changed_data)
        tell_saved(request, self.title(object_id), written)
        return self.saved(request, object_id, form)

    def shown(self, request: HttpRequest, object_id: str, current: Current[Any]) -> dict[str, Any]:
        """What the page shows beside the document when it is asked for."""
        return {}

    def saved(self, request: HttpRequest, object_id: str, form: DocumentForm) -> HttpResponse:
        """What answers a save that went well."""
        return HttpResponseRedirect(self.address("change", object_id))

    def _conflict(
        self, request: HttpRequest, object_id: str, current: Current[Any], form: DocumentForm
    ) -> HttpResponse:
        """Somebody saved since this page was made: show both, save neither."""
        if not form.is_valid():
            return self._render(request, object_id, current, form)
        name = self.document_name(object_id)
        context = {
            **self.context(request, object_id),
            "clashes": form.clashes(),
            "entered": [(key, value) for key, values in request.POST.lists() for value in values
                        if key not in ("csrfmiddlewaretoken", "version")],
            "version": seen_version(current, self.kind),
            "latest": Revision.objects.filter(document=name).first(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/configstore/conflict.html", context, status=409)

    def _render(
        self,
        request: HttpRequest,
        object_id: str,
        current: Current[Any],
        form: DocumentForm,
        **answered: Any,
    ) -> TemplateResponse:
        if not self.has_change_permission(request):
            form.mask()
        context = {
            **self.context(request, object_id),
            "form": form,
            "rows": form.rows(),
            "other_fields": form.other_fields(),
            "current": current,
            **answered,
        }
        return TemplateResponse(request, self.template, context)


@admin.register(Processing)
class ProcessingAdmin(DocumentAdmin):
    kind = ProcessingPrefs
    form_class = ProcessingForm
