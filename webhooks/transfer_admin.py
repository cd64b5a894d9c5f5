"""What the Worker was asked for, to be read, with the deliveries that each belongs to."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.admin.in_words import in_words
from configstore.declared import config_store
from configstore.moments import moment
from webhooks.models import Delivery, Transfer
from webhooks.read_only import ReadOnly
from webhooks.search import by_place
from webhooks.standing import standing, waiting_endpoints
from webhooks.transfers import REUSE

TRANSFER_ERROR = in_words(Transfer, "last_error")
MOST = 20


@admin.register(Transfer)
class TransferAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("source", "r2_url", "transferred_at", "reused", TRANSFER_ERROR)
    list_filter = ("provider",)
    search_fields = ("source", "r2_url", "original_filename")
    exclude = ("digest", "last_error")
    readonly_fields = (TRANSFER_ERROR, "reusable", "deliveries")
    date_hierarchy = "transferred_at"
    ordering = ("-id",)
    why_empty = gettext_lazy(
        "No file was moved to R2 so far: that takes R2_FETCH_ENABLED, and a mail with a delivery "
        "link."
    )

    def get_exclude(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        """What a delivery says is for those who may see it."""
        hidden = () if request.user.has_perm("webhooks.view_delivery") else ("deliveries",)
        return (*self.exclude, *hidden)

    @admin.display(description=gettext_lazy("reused"), empty_value="-")
    def reusable(self, transfer: Transfer) -> str:
        if transfer.transferred_at is None:
            return ""
        until = transfer.transferred_at + REUSE
        sentence = _(
            "For %(hours)d hours, until %(moment)s, a link that comes again is not transferred "
            "again; later it is, to the same place."
        )
        return sentence % {
            "hours": REUSE // timedelta(hours=1),
            "moment": moment(until),
        }

    @admin.display(description=gettext_lazy("deliveries"))
    def deliveries(self, transfer: Transfer) -> SafeString:
        """Those whose mail has its link, the newest first."""
        rows = list(_rows(transfer)[: MOST + 1])
        if not rows:
            return format_html("{}", _("None is in the journal any more."))
        stand = standing(config_store(), waiting_endpoints(rows), timezone.now())
        lines = (_line(each, stand.state_of(each)) for each in rows[:MOST])
        shown = format_html_join("", '<li><a href="{}">{}</a></li>', lines)
        if len(rows) <= MOST:
            return format_html("<ul>{}</ul>", shown)
        found = urlencode({"q": transfer.source.partition("?")[0]})
        address = f"{reverse('admin:webhooks_delivery_changelist')}?{found}"
        return format_html('<ul>{}<li><a href="{}">{}</a></li></ul>', shown, address, _("All"))


def _rows(transfer: Transfer) -> QuerySet[Delivery]:
    return Delivery.objects.filter(by_place(transfer.source)).defer("payload").order_by("-pk")


def _line(delivery: Delivery, state: str) -> tuple[str, str]:
    address = reverse("admin:webhooks_delivery_change", args=[delivery.pk])
    to = {"endpoint": delivery.endpoint, "state": state}
    subject = delivery.subject or _("(no subject)")
    return address, f"{subject} · " + _("To %(endpoint)s: %(state)s") % to
