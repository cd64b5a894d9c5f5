"""What the tries told about the endpoints, and the button that resumes one."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from configstore.admin.in_words import in_words
from configstore.fields import translatable
from webhooks import interventions
from webhooks.models import EndpointState
from webhooks.read_only import ReadOnly, back_to
from webhooks.told import log

SENTENCES = (in_words(EndpointState, "paused"), in_words(EndpointState, "last_error"))


@admin.register(EndpointState)
class EndpointStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("endpoint", "failures", "failing_since", *SENTENCES)
    exclude = ("failed_at", "outage_seconds", "paused", "last_error")
    readonly_fields = SENTENCES
    actions = ("resume",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.resume_view)
        return [path("resume/", view, name="webhooks_endpointstate_resume"), *super().get_urls()]

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_endpointstate")

    @admin.action(description=gettext_lazy("Resume"), permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[EndpointState]) -> None:
        with transaction.atomic():
            log(request, queryset, translatable("Resumed."))
            done = interventions.resume(queryset, timezone.now())
        text = ngettext("%d endpoint is resumed.", "%d endpoints are resumed.", done) % done
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)

    def resume_view(self, request: HttpRequest) -> HttpResponse:
        """The button beside an endpoint that is paused, wherever that is told."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_resume_permission(request):
            raise PermissionDenied
        self.resume(request, EndpointState.objects.filter(endpoint=request.POST.get("endpoint")))
        return back_to(request, reverse("admin:webhooks_endpointstate_changelist"))
