"""What all pages about one document share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from configstore import extra_pages
from configstore.admin.told import tell_store_trouble
from configstore.document import Document


class DocumentPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """The model's objects are documents: nothing here touches a table."""

    kind: ClassVar[type[Document]]

    def document_name(self, object_id: str) -> str:
        """In the stores. object_id is the name in the address of the page."""
        return self.kind.NAME

    def must_exist(self, object_id: str) -> None:
        """Raises Http404 for an address that no document has."""
        if object_id != self.kind.NAME:
            raise Http404

    def title(self, object_id: str) -> str:
        return str(self.opts.verbose_name).capitalize()

    def address(self, page: str, object_id: str | None = None) -> str:
        args = [] if object_id is None else [object_id]
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def context(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """What every page about a document shows."""
        return {
            **self.admin_site.each_context(request),
            "title": self.title(object_id),
            "opts": self.opts,
            "object_id": object_id,
            "may_change": self.has_change_permission(request),
            "document_name": self.document_name(object_id),
            "page_address": self.address("change", object_id),
            "json_address": self.address("json", object_id),
            "stores_address": self.address("stores", object_id),
            "history_address": self.address("history", object_id),
            "extra_page": extra_pages.page_of(self.kind.NAME),
        }

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        history = reverse("admin:configstore_revision_changelist")
        return HttpResponseRedirect(f"{history}?document={self.document_name(object_id)}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        raise PermissionDenied

    def note(self, request: HttpRequest, object_id: str, fields: list[str]) -> None:
        """In the admin's log of recent actions."""
        changed = [{"changed": {"fields": fields}}] if fields else []
        self.log_change(request, self.model(pk=object_id), changed)

    def unknown(self, request: HttpRequest, object_id: str, error: Exception) -> HttpResponse:
        """No store can be asked, and nothing is remembered."""
        tell_store_trouble(request, error)
        context = self.context(request, object_id)
        return TemplateResponse(request, "admin/configstore/unknown.html", context, status=503)
