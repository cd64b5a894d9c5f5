"""The journal of deliveries, to be read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from webhooks.models import Attempt, Delivery, EndpointState


class ReadOnly:
    """What the relay writes is not edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AttemptInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Attempt
    fields = ("number", "started_at", "ended_at", "outcome", "status", "error", "answer")
    extra = 0


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "state", "attempts", "reason", "created_at", "settled_at")
    list_filter = ("state",)
    search_fields = ("subject", "webhook_id")
    exclude = ("token", "lease_until")
    inlines = (AttemptInline,)
    date_hierarchy = "created_at"


@admin.register(EndpointState)
class EndpointStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("endpoint", "failures", "failing_since", "paused", "last_error")
