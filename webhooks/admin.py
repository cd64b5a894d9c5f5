"""The journal of deliveries, to be read; and what a person may do about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from configstore.documents import WebhookConfig
from configstore.standings import register_look
from webhooks import interventions
from webhooks.alert_rows import Alert, Notice
from webhooks.alerts import Channel
from webhooks.models import WAITING, Attempt, Delivery, EndpointState, State, Transfer
from webhooks.standings import standings

register_look(WebhookConfig.NAME, standings)


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
    exclude = ("offload", "token", "lease_until", "outage_mark")
    inlines = (AttemptInline,)
    date_hierarchy = "created_at"
    actions = ("send_again", "cancel")

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_delivery")

    @admin.action(description=gettext_lazy("Send again"), permissions=["intervene"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        with transaction.atomic():
            total, sending = _counts(queryset)
            ended = queryset.filter(state__in=(State.DEAD, State.CANCELLED))
            _log(request, ended.defer("payload"), _("Sent again."))
            done = interventions.send_again(queryset, timezone.now())
        text = ngettext("%d delivery is queued.", "%d deliveries are queued.", done) % done
        self.message_user(request, text + _skipped(total - done, sending), messages.SUCCESS)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["intervene"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        with transaction.atomic():
            total, sending = _counts(queryset)
            waiting = queryset.filter(state__in=WAITING)
            _log(request, waiting.defer("payload"), _("Cancelled."))
            done = interventions.cancel(queryset, request.user.get_username(), timezone.now())
        text = ngettext("%d delivery is cancelled.", "%d deliveries are cancelled.", done) % done
        self.message_user(request, text + _skipped(total - done, sending), messages.SUCCESS)


@admin.register(EndpointState)
class EndpointStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("endpoint", "failures", "failing_since", "paused", "last_error")
    exclude = ("failed_at", "outage_seconds")
    actions = ("resume",)

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_endpointstate")

    @admin.action(description=gettext_lazy("Resume"), permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[EndpointState]) -> None:
        _log(request, queryset, _("Resumed."))
        done = interventions.resume(queryset, timezone.now())
        text = ngettext("%d endpoint is resumed.", "%d endpoints are resumed.", done) % done
        self.message_user(request, text, messages.SUCCESS)


@admin.register(Transfer)
class TransferAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("source", "r2_url", "transferred_at", "reused", "last_error")
    list_filter = ("provider",)
    search_fields = ("source", "r2_url", "original_filename")
    exclude = ("digest",)
    date_hierarchy = "transferred_at"
    ordering = ("-id",)


class NoticeInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Notice
    fields = ("created_at", "kind", "channel", "told_at", "tries", "error", "sentence")
    extra = 0


@admin.register(Alert)
class AlertAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "endpoint", "since", "count", "told", "told_at", "cleared_at")
    list_filter = ("kind", "endpoint")
    inlines = (NoticeInline,)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return super().get_queryset(request).prefetch_related("notices")

    @admin.display(description=gettext_lazy("told"))
    def told(self, alert: Alert) -> str:
        """By which channels it has reached anybody."""
        ways = {notice.channel for notice in alert.notices.all() if notice.told_at}
        return ", ".join(str(Channel(way).label) for way in sorted(ways)) or _("nobody yet")


def _counts(queryset: QuerySet[Delivery]) -> tuple[int, int]:
    """How many there are, and how many of them are being sent."""
    return queryset.count(), queryset.filter(state=State.SENDING).count()


def _skipped(skipped: int, sending: int) -> str:
    if not skipped:
        return ""
    text = ngettext("%d was left as it is", "%d were left as they are", skipped) % skipped
    if sending:
        text += _(", %d of them being sent") % sending
    return f" {text}."


def _log(
    request: HttpRequest, rows: QuerySet[Delivery] | QuerySet[EndpointState], text: str
) -> None:
    if rows.exists():
        user: Any = request.user.pk
        LogEntry.objects.log_actions(user, rows, CHANGE, text)
