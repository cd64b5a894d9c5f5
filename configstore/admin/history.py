"""The history of the configuration: who changed what, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from pydantic import ValidationError

from configstore import editing
from configstore.admin.exchange import export_view, import_view, may_exchange
from configstore.admin.names import DocumentFilter, label_of, title_of, told
from configstore.admin.permissions import may_change, may_view
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.declared import config_store
from configstore.differences import differences
from configstore.document import describe
from configstore.documents import KINDS, MagicLinkTokens, kind_of
from configstore.merging import brought_back
from configstore.models import Revision
from configstore.store import ConfigurationUnknown
from configstore.wording import translated


def may_restore(request: HttpRequest, revision: Revision) -> bool:
    """A former list of links would let those in again that were revoked since."""
    is_links = kind_of(revision.document) is MagicLinkTokens
    return may_change(request, revision.document) and not is_links


@admin.register(Revision)
class RevisionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Not edited: a row can be restored, which makes a new one."""

    list_display = ("title", "saved_at", "author", "done", "summary")
    list_filter = (("document", DocumentFilter), "author")
    date_hierarchy = "saved_at"
    list_per_page = 50
    change_list_template = "admin/configstore/history.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Not the documents themselves: by trying prefixes their secrets could be found out."""
        return lookup.partition("__")[0] in ("document", "author", "saved_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Of the documents that the person may see."""
        visible = Q(pk__in=[])
        for kind in KINDS:
            if may_view(request, kind.NAME):
                visible |= Q(document=kind.NAME) | Q(document__startswith=f"{kind.NAME}:")
        return super().get_queryset(request).filter(visible)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        context = {"title": title, "may_exchange": may_exchange(request)}
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("document"), ordering="document")
    def title(self, revision: Revision) -> str:
        return title_of(revision.document)

    @admin.display(description=gettext_lazy("action"), ordering="action")
    def done(self, revision: Revision) -> str:
        return translated(revision.action)

    @admin.display(description=pgettext_lazy("column", "changed"))
    def summary(self, revision: Revision) -> str:
        changed = differences(revision.before, revision.after)
        if len(changed) == 1:
            return told(revision.document, changed[0])
        return ", ".join(label_of(revision.document, each.field) for each in changed) or "—"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("export/", wrap(export_view), name="configstore_export"),
            path("import/", wrap(import_view), name="configstore_import"),
            path("<int:pk>/restore/", wrap(self.restore_view), name="configstore_restore"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        revision = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, revision):
            raise PermissionDenied
        changed = differences(revision.before, revision.after)
        context = {
            **self.admin_site.each_context(request),
            "title": title_of(revision.document),
            "opts": self.opts,
            "revision": revision,
            "differences": [(label_of(revision.document, each.field), each) for each in changed],
            "may_restore": may_restore(request, revision),
        }
        return TemplateResponse(request, "admin/configstore/revision.html", context)

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Bring the document back to what it was after this change, or before it. Whoever had to
        log in after the press comes back without it: to the change, to press again."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:configstore_revision_change", args=[pk]))
        revision = get_object_or_404(Revision, pk=pk)
        if not may_restore(request, revision):
            raise PermissionDenied
        moment = f"{revision.saved_at:%Y-%m-%d %H:%M:%S}"
        if "before" in request.POST:
            self._restore(request, revision, revision.before, f"undone: the change of {moment} UTC")
        else:
            self._restore(request, revision, revision.after, f"restored {moment} UTC")
        history = reverse("admin:configstore_revision_changelist")
        return HttpResponseRedirect(f"{history}?document={revision.document}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _restore(
        self, request: HttpRequest, revision: Revision, raw: JSONObject | None, action: str
    ) -> None:
        kind = kind_of(revision.document)
        if kind is None:
            raise PermissionDenied
        store = config_store()
        try:
            current = store.current(kind, revision.document)
            if raw is not None:
                before, after = revision.before or {}, revision.after or {}
                touched = [name for name in after if after[name] != before.get(name)]
                raw = brought_back(kind, current.raw, raw, touched)
            written = editing.save(
                store,
                kind,
                revision.document,
                raw,
                expected=current.version,
                author=request.user.get_username(),
                action=action,
            )
        except ValidationError as exc:
            messages.error(
                request,
                _("That version is not valid any more: %(faults)s")
                % {"faults": translated(describe(exc))},
            )
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
            tell_store_trouble(request, exc)
        else:
            tell_saved(request, title_of(revision.document), written)
