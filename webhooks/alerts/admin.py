"""The alerts and their messages, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.admin.in_words import in_words
from configstore.admin.permissions import may_view
from configstore.declared import config_store
from configstore.documents import ProcessingPrefs
from configstore.moments import moment
from configstore.store import ConfigurationUnknown
from configstore.wording import translated
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.steps import links, next_step
from webhooks.alerts.trouble import ALERTS, Channel, Kind
from webhooks.alerts.unheard import Unheard, unheard
from webhooks.read_only import ReadOnly

NOTICE_ERROR = in_words(Notice, "error")


class NoticeInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]
    model = Notice
    fields = ("created_at", "kind", "channel", "told_at", "tries", NOTICE_ERROR, "sentence")
    readonly_fields = (NOTICE_ERROR,)
    extra = 0


class KindFilter(admin.SimpleListFilter):
    """Of alerts alone: that an endpoint has recovered is told on the page of its alert, and a
    test is written down nowhere."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in ALERTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        kind = self.value()
        return queryset.filter(kind=kind) if kind else queryset


@admin.register(Alert)
class AlertAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    change_list_template = "admin/webhooks/alerts.html"
    change_form_template = "admin/webhooks/alert.html"
    list_display = ("kind", "endpoint", "since", "count", "told", "last_told", "cleared_at")
    fields = ("kind", "endpoint", "since", "count", "last_told", "cleared_at")
    readonly_fields = ("last_told",)
    list_filter = (KindFilter, "endpoint")
    inlines = (NoticeInline,)
    ordering = ("-id",)
    why_empty = gettext_lazy("Nothing was wrong so far, so there was nothing to tell.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return super().get_queryset(request).prefetch_related("notices")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With why nobody is told, if that is so."""
        name = ProcessingPrefs.NAME
        page = reverse("admin:configstore_processing_change", args=[name])
        return super().changelist_view(
            request,
            {
                "unheard": _unheard(),
                "processing_address": page if may_view(request, name) else "",
                **(extra_context or {}),
            },
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what to do about it."""
        alert = context["original"]
        may_resume = request.user.has_perm("webhooks.change_endpointstate")
        step = {
            "next_step": next_step(alert, may_resume=may_resume),
            "links": list(links(alert, request)),
        }
        return super().render_change_form(request, context | step, *args, **kwargs)

    @admin.display(description=gettext_lazy("told"))
    def told(self, alert: Alert) -> str:
        """By which channels it has reached anybody, or why nobody."""
        notices = list(alert.notices.all())
        ways = {str(Channel(each.channel).label) for each in notices if each.told_at}
        if Kind.RECOVERED in {each.kind for each in notices if each.told_at}:
            return _("%(channels)s; its end, too") % {"channels": ", ".join(sorted(ways))}
        return ", ".join(sorted(ways)) or _why_nobody(alert, notices)

    @admin.display(description=gettext_lazy("last told at"), ordering="told_at")
    def last_told(self, alert: Alert) -> str:
        """When it has reached anybody; told_at is when that was begun."""
        told = [each.told_at for each in alert.notices.all() if each.kind != Kind.RECOVERED]
        if not (moments := list(filter(None, told))):
            return "-"
        return moment(max(moments))


def _unheard() -> Unheard | None:
    try:
        return unheard(config_store().get(ProcessingPrefs))
    except ConfigurationUnknown:  # told by the first page
        return None


def _why_nobody(alert: Alert, notices: list[Notice]) -> str:
    if alert.told_at is None and alert.cleared_at:
        return _("nobody: it ended before anybody had to be told (once an hour at most)")
    if alert.told_at is None:
        return _("nobody yet: the same is told once an hour at most")
    if not notices:
        return _("nobody: no mail server with an address is set, and no alert webhook")
    reasons = sorted({translated(each.error) for each in notices if each.error})
    if not reasons:
        return _("nobody yet")
    still = any(each.due_at for each in notices)
    sentence = _("nobody yet: %(reason)s") if still else _("nobody: %(reason)s")
    return sentence % {"reason": "; ".join(reasons)}
