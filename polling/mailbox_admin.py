"""What is remembered of each mailbox, to be read; and the way to its protocol log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.admin.in_words import in_words
from polling.errors import Kind
from polling.holders import Holder, holders
from polling.lock_words import lock_words
from polling.models import MailboxState
from polling.protocol.page import VIEW as PROTOCOL_VIEW
from polling.protocol.page import protocol_text_view, protocol_view
from webhooks.read_only import ReadOnly

KINDS: dict[str, Promise] = {
    Kind.TRANSIENT.value: gettext_lazy("it passes by itself"),
    Kind.LIMIT.value: gettext_lazy("the provider limits us"),
    Kind.AUTHENTICATION.value: gettext_lazy("the login is refused"),
    Kind.CONFIGURATION.value: gettext_lazy("the settings do not fit"),
    Kind.POISON.value: gettext_lazy("some mails cannot be read, the others go on"),
}


class MailboxList(ChangeList):
    """Redis is asked once for the locks of all rows."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        held = holders([state.name for state in self.result_list])
        for state in self.result_list:
            state.holder = held[state.name]


@admin.register(MailboxState)
class MailboxStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "name",
        "identity",
        "searched_at",
        "progress",
        in_words(MailboxState, "trouble"),
        "standing_down",
        "lock",
    )
    exclude = ("trouble", "trouble_kind", "catch_up_done", "catch_up_total")
    readonly_fields = (in_words(MailboxState, "trouble"), "kind", "progress", "lock", "protocol")

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "polling_mailboxstate_protocol"
        return [
            path("protocol/<str:mailbox>/", wrap(protocol_view), name=name),
            path("protocol/<str:mailbox>/text/", wrap(protocol_text_view), name=f"{name}_text"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MailboxList

    @admin.display(description=gettext_lazy("progress"), empty_value="-")
    def progress(self, state: MailboxState) -> str:
        if not state.catch_up_total:
            return ""
        numbers = {"done": state.catch_up_done, "total": state.catch_up_total}
        return _("catching up: %(done)d of %(total)d") % numbers

    @admin.display(description=gettext_lazy("kind of trouble"), empty_value="-")
    def kind(self, state: MailboxState) -> Promise | str:
        kind = state.trouble_kind
        if not kind and state.quarantined:
            kind = Kind.POISON.value
        return KINDS.get(kind, kind)

    @admin.display(description=gettext_lazy("protocol"))
    def protocol(self, state: MailboxState) -> str:
        address = reverse(PROTOCOL_VIEW, args=[state.name])
        return format_html('<a href="{}">{}</a>', address, _("Log what the mail server says"))

    @admin.display(description=gettext_lazy("lock"))
    def lock(self, state: MailboxState) -> str:
        holder: Holder = getattr(state, "holder", None) or holders([state.name])[state.name]
        return lock_words(holder)
