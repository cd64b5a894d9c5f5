"""What to do about an alert, and the pages on which it is done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from configstore.admin.permissions import may_view
from configstore.documents import WebhookConfig
from webhooks import journal
from webhooks.alerts.models import Alert
from webhooks.alerts.trouble import Kind
from webhooks.models import Delivery, State
from webhooks.pages import Link, listed_endpoint_page


def next_step(alert: Alert, *, may_resume: bool) -> str:
    """In a sentence or two, in the language of the reader."""
    if alert.cleared_at:
        return _("It is over: nothing needs to be done.")
    if alert.kind == Kind.DEAD:
        return _(
            "They are not tried again by themselves. See why they are dead; when the cause is "
            "gone, send them again. The alert ends when none of them is dead any more."
        )
    if alert.kind == Kind.OVERDUE:
        return _(
            "See what the deliveries wait for. Where nothing holds them, look whether runpoller "
            "runs, and into its log. The alert ends when they have left."
        )
    if _is_paused(alert.endpoint) and not may_resume:
        return _(
            "Nothing is sent until somebody acts who may do so: when the receiver is ready again, "
            "the endpoint has to be resumed, or given its new address. Your user may only look. "
            "The alert ends with the first delivery."
        )
    if _is_paused(alert.endpoint):
        return _(
            "Nothing is sent until somebody acts: when the receiver is ready again, resume the "
            "endpoint at the top of its page, or enter its new address there. The alert ends "
            "with the first delivery."
        )
    return _(
        "Check the receiver: its last answer stands among the endpoint states, and a test on the "
        "page of the endpoint asks it now. It is asked again by itself, and the alert ends with "
        "the first delivery."
    )


def links(alert: Alert, request: HttpRequest) -> Iterator[Link]:
    """Those that the person may open."""
    user = request.user
    if user.has_perm("webhooks.view_delivery"):
        yield from _deliveries(alert, may_send=user.has_perm("webhooks.change_delivery"))
    settings = listed_endpoint_page(alert.endpoint)
    if alert.kind != Kind.DEAD and settings and may_view(request, WebhookConfig.NAME):
        yield settings
    if alert.kind == Kind.FAILING and user.has_perm("webhooks.view_endpointstate"):
        yield Link(
            label=_("Endpoint states"), address=reverse("admin:webhooks_endpointstate_changelist")
        )


def _deliveries(alert: Alert, *, may_send: bool) -> Iterator[Link]:
    page = reverse("admin:webhooks_delivery_changelist")
    if alert.kind != Kind.DEAD:
        query = urlencode({"open": "yes", "endpoint": alert.endpoint})
        yield Link(label=_("What waits"), address=f"{page}?{query}")
        return
    query = urlencode({"state__exact": State.DEAD.value, "endpoint": alert.endpoint})
    yield Link(label=_("What is dead"), address=f"{page}?{query}")
    if may_send and (first := _first_death(alert.endpoint)):
        day = timezone.localdate(first).isoformat()
        query = urlencode({"endpoint": alert.endpoint, "since": day})
        yield Link(
            label=_("Send again…"), address=f"{reverse('admin:webhooks_delivery_resend')}?{query}"
        )


def _first_death(endpoint: str) -> datetime | None:
    rows = Delivery.objects.filter(state=State.DEAD, endpoint=endpoint)
    return rows.order_by("settled_at").values_list("settled_at", flat=True).first()


def _is_paused(endpoint: str) -> bool:
    state = journal.endpoint_states().get(endpoint)
    return state is not None and bool(state.paused)
