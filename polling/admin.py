"""The journal of mails, to be read."""

from __future__ import annotations

from django.contrib import admin

from polling.models import Mail, MailboxState
from webhooks.admin import ReadOnly


@admin.register(Mail)
class MailAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "sender_email", "state", "reason", "received_at", "settled_at")
    list_filter = ("state", "reason")
    search_fields = ("subject", "sender_email", "message_id")
    date_hierarchy = "seen_at"


@admin.register(MailboxState)
class MailboxStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "identity", "searched_at", "trouble", "standing_down")
