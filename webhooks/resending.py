"""All dead deliveries of an endpoint since a day, sent again after a look at how many they are."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.fields import translatable
from runtime.database_clock import database_clock
from webhooks import interventions
from webhooks.models import Delivery, State
from webhooks.told import log_many, queued


class ResendForm(forms.Form):
    endpoint = forms.ChoiceField(label=gettext_lazy("Endpoint"))
    since = forms.DateField(
        label=gettext_lazy("Dead since"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        names = sorted(_dead().values_list("endpoint", flat=True).distinct())
        choices: Any = self.fields["endpoint"]
        choices.choices = [(name, name) for name in names]
        since = self.fields["since"]
        since.help_text = _("From the beginning of this day on, in the time zone %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }
        oldest = _dead().aggregate(oldest=Min("settled_at"))["oldest"]
        since.initial = timezone.localdate(oldest) if oldest else None

    def rows(self) -> QuerySet[Delivery]:
        """For a valid form."""
        since: date = self.cleaned_data["since"]
        begins = datetime.combine(since, time.min, tzinfo=timezone.get_current_timezone())
        return _dead().filter(endpoint=self.cleaned_data["endpoint"], settled_at__gte=begins)


def _dead() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.DEAD)


def resend_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Asked for with the choice: how many there are. Posted with it: they are queued."""
    if not request.user.has_perm("webhooks.change_delivery"):
        raise PermissionDenied
    if request.method == "POST":
        form = ResendForm(request.POST)
        if form.is_valid():
            return _resend(request, form)
    else:
        form = ResendForm(request.GET or None)
    chosen = form.is_bound and form.is_valid()
    page = {"form": form, "chosen": chosen, "title": _("Send again what is dead")}
    if chosen:
        page["count"] = form.rows().count()
    return TemplateResponse(request, "admin/webhooks/resend.html", {**context, **page})


def _resend(request: HttpRequest, form: ResendForm) -> HttpResponse:
    endpoint, since = form.cleaned_data["endpoint"], form.cleaned_data["since"]
    with transaction.atomic():
        done = interventions.send_again(form.rows(), database_clock.now())
        if done:
            about = _("dead at %(endpoint)s since %(since)s") % {
                "endpoint": endpoint,
                "since": since.isoformat(),
            }
            log_many(request, Delivery, sum(done.values()), translatable("Sent again."), about)
    messages.add_message(request, *queued(done))
    return HttpResponseRedirect(reverse("admin:webhooks_delivery_changelist"))
