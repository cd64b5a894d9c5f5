"""The journal of deliveries, to be read; and what a person may do about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from configstore.declared import config_store
from configstore.documents import WebhookConfig
from configstore.fields import translatable
from configstore.wellbeing import register_look
from runtime.database_clock import database_clock
from webhooks import interventions, search
from webhooks.alerts.admin import AlertAdmin as AlertAdmin
from webhooks.delivery_filters import FailedFilter, OpenFilter
from webhooks.endpoint_admin import EndpointStateAdmin as EndpointStateAdmin
from webhooks.endpoint_filter import EndpointFilter, address_of_tests
from webhooks.life import lives
from webhooks.models import WAITING, Delivery, State
from webhooks.paging import KeyPaginator
from webhooks.read_only import ReadOnly, back_to
from webhooks.remedy import Remedy, offered
from webhooks.resending import resend_view
from webhooks.standing import standing, waiting_endpoints
from webhooks.told import left_alone, log, queued
from webhooks.transfer_admin import TransferAdmin as TransferAdmin
from webhooks.wellbeing import wellbeing

register_look(WebhookConfig.NAME, wellbeing)


def titled(subject: str, sender: str, mailbox: str) -> str:
    """Three things in one cell: a table of all of them is wider than a screen."""
    under = " · ".join(filter(None, (sender, mailbox)))
    return format_html('{}<span class="under">{}</span>', subject, under)


def with_links(text: str, remedies: Iterable[Remedy]) -> str:
    """Why rows wait, and the pages on which that is changed."""
    links = dict.fromkeys((each.link.address, each.link.label) for each in remedies)
    lines = format_html_join("", '<a class="under" href="{}">{}</a>', links)
    return format_html("{}{}", text, lines) if links else text


def subject_of(delivery: Delivery) -> str:
    return delivery.subject or _("(no subject)")


class Journal(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list of many rows, the newest first: no other order has an index."""

    ordering = ("-id",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = KeyPaginator


class DeliveryList(ChangeList):
    """What holds the endpoints is asked once for all rows."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        return super().get_queryset(request, exclude_parameters).defer("payload")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        stand = standing(config_store(), waiting_endpoints(rows), timezone.now())
        for row in rows:
            row.standing, found = stand.of(row), stand.remedy(row)
            row.remedies = offered([found] if found else [], request.user)
            row.state_now = stand.state_of(row)


@admin.register(Delivery)
class DeliveryAdmin(Journal):
    list_display = (
        "title", "state_now", "why", "endpoint", "attempts", "created_at", "settled_at",
    )  # fmt: skip
    list_filter = ("state", OpenFilter, FailedFilter, EndpointFilter, "created_at", "settled_at")
    search_fields = ("subject",)
    search_help_text = gettext_lazy("Subject, sender, link or a piece of it, webhook-id")
    change_list_template = "admin/webhooks/deliveries.html"
    actions = ("send_again", "cancel")

    @admin.display(description=gettext_lazy("subject"))
    def title(self, delivery: Delivery) -> str:
        return titled(subject_of(delivery), delivery.sender_email, delivery.source)

    @admin.display(description=gettext_lazy("state"))
    def state_now(self, delivery: Delivery) -> str:
        return getattr(delivery, "state_now", "")

    @admin.display(description=gettext_lazy("what it waits for, or why it ended"), empty_value="")
    def why(self, delivery: Delivery) -> str:
        return with_links(getattr(delivery, "standing", ""), getattr(delivery, "remedies", ()))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeliveryList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        return queryset.filter(search.found(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.resend)
        return [path("send-again/", view, name="webhooks_delivery_resend"), *super().get_urls()]

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_delivery")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "may_intervene": self.has_intervene_permission(request),
            "test_address": address_of_tests(),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def resend(self, request: HttpRequest) -> HttpResponse:
        return resend_view(request, {**self.admin_site.each_context(request), "opts": self.opts})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The buttons of the page are the actions of the list."""
        delivery = self.get_object(request, object_id)
        if delivery is None:
            raise Http404
        if request.method == "POST":
            return self._intervene(request, delivery)
        if not self.has_view_permission(request, delivery):
            raise PermissionDenied
        (life,) = lives([delivery], config_store(), timezone.now(), with_files=True)
        context = {
            **self.admin_site.each_context(request),
            "title": subject_of(delivery),
            "opts": self.opts,
            "life": life,
            "may_intervene": self.has_intervene_permission(request),
            "may_see_mails": request.user.has_perm("polling.view_mail"),
        }
        return TemplateResponse(request, "admin/webhooks/delivery.html", context)

    def _intervene(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        if not self.has_intervene_permission(request):
            raise PermissionDenied
        rows = Delivery.objects.filter(pk=delivery.pk)
        if "send_again" in request.POST:
            self._send_again(request, rows, delivered=True)
        elif "cancel" in request.POST:
            self.cancel(request, rows)
        return back_to(request, request.path)

    @admin.action(description=gettext_lazy("Send again"), permissions=["intervene"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self._send_again(request, queryset, delivered=False)

    def _send_again(
        self, request: HttpRequest, queryset: QuerySet[Delivery], *, delivered: bool
    ) -> None:
        """What was delivered only one by one: of many it is mostly a slip."""
        with transaction.atomic():
            total, sending = _counts(queryset)
            chosen = interventions.sendable(queryset, delivered=delivered)
            log(request, chosen.defer("payload"), translatable("Sent again."))
            done = interventions.send_again(queryset, database_clock.now(), delivered=delivered)
        level, text = queued(done)
        left = left_alone(total - sum(done.values()), sending)
        self.message_user(request, text + left, level)

    @admin.action(description=gettext_lazy("Cancel the deliveries"), permissions=["intervene"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        with transaction.atomic():
            total, sending = _counts(queryset)
            waiting = queryset.filter(state__in=WAITING)
            log(request, waiting.defer("payload"), translatable("Cancelled."))
            done = interventions.cancel(queryset, request.user.get_username(), timezone.now())
        text = ngettext("%d delivery is cancelled.", "%d deliveries are cancelled.", done) % done
        self.message_user(request, text + left_alone(total - done, sending), messages.SUCCESS)


def _counts(queryset: QuerySet[Delivery]) -> tuple[int, int]:
    """How many there are, and how many of them are being sent."""
    return queryset.count(), queryset.filter(state=State.SENDING).count()
