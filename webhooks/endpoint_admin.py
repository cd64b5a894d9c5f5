"""What the tries told about the endpoints, and the button that resumes one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from configstore.admin.in_words import in_words
from configstore.fields import translatable
from configstore.moments import moment
from runtime.database_clock import database_clock
from webhooks import interventions
from webhooks.models import EndpointState
from webhooks.pages import listed_endpoint_page
from webhooks.read_only import ReadOnly, back_to
from webhooks.retry import FAILURES_TO_OPEN
from webhooks.suspension import cause
from webhooks.told import log

SENTENCES = ("why_paused", in_words(EndpointState, "last_error"))


@admin.register(EndpointState)
class EndpointStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("endpoint", "failures", "failing_since", *SENTENCES)
    exclude = ("failed_at", "outage_seconds", "paused", "last_error")
    readonly_fields = (*SENTENCES, "until")
    actions = ("resume",)
    why_empty = gettext_lazy(
        "No try has failed yet: an endpoint is listed here from its first failure on. How all of "
        "them are is in the list of endpoints."
    )

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        may = self.has_resume_permission(request)
        return (*self.list_display, "until_or_resumed" if may else "until")

    @admin.display(description=gettext_lazy("paused"), ordering="paused", empty_value="-")
    def why_paused(self, state: EndpointState) -> str:
        """What to do stands beside it."""
        return cause(state.paused)

    @admin.display(description=gettext_lazy("until when"), empty_value="-")
    def until(self, state: EndpointState) -> str:
        said = _until(state, timezone.now())
        link = listed_endpoint_page(state.endpoint)
        if link is None:
            return said
        return format_html('{}<p><a href="{}">{}</a></p>', said, link.address, link.label)

    @admin.display(description=gettext_lazy("until when"), empty_value="-")
    def until_or_resumed(self, state: EndpointState) -> str:
        """With a button, which is in the form of the list."""
        if not (state.paused or state.failures):
            return self.until(state)
        button = '<button type="submit" class="button" name="endpoint" value="{}" formaction="{}">'
        address = reverse("admin:webhooks_endpointstate_resume")
        return format_html(
            "{}" + button + "{}</button>", self.until(state), state.endpoint, address, _("Resume")
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.resume_view)
        return [path("resume/", view, name="webhooks_endpointstate_resume"), *super().get_urls()]

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_endpointstate")

    @admin.action(description=gettext_lazy("Resume"), permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[EndpointState]) -> None:
        with transaction.atomic():
            log(request, queryset.filter(interventions.IN_TROUBLE), translatable("Resumed."))
            known = queryset.count()
            done = interventions.resume(queryset, database_clock.now())
        self.message_user(
            request, _resumed(done, known - done), messages.SUCCESS if known else messages.WARNING
        )

    def resume_view(self, request: HttpRequest) -> HttpResponse:
        """The button beside an endpoint that is paused, wherever that is told. Whoever had to log
        in after the press comes back without it: to the list, to press again."""
        states = reverse("admin:webhooks_endpointstate_changelist")
        if request.method != "POST":
            return HttpResponseRedirect(states)
        if not self.has_resume_permission(request):
            raise PermissionDenied
        self.resume(request, EndpointState.objects.filter(endpoint=request.POST.get("endpoint")))
        return back_to(request, states)


def _resumed(done: int, before: int) -> str:
    """before: how many somebody had resumed already, perhaps by the same button."""
    again = ngettext(
        "%d endpoint was resumed already.", "%d endpoints were resumed already.", before
    ) % before  # fmt: skip
    if before and not done:
        return again
    text = ngettext("%d endpoint is resumed.", "%d endpoints are resumed.", done) % done
    return f"{text} {again}" if before else text


def _until(state: EndpointState, now: datetime) -> str:
    """When it is asked again."""
    if state.paused:
        return _("until somebody resumes it, or gives it a new address")
    if not state.failures:
        return ""
    if state.failures < FAILURES_TO_OPEN or state.probe_at is None:
        return _("each delivery is tried again at a time of its own")
    if state.probe_at <= now:
        return _("it is asked again now")
    return _("it is asked again at %(moment)s") % {"moment": moment(state.probe_at)}
