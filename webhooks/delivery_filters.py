"""What else the list of deliveries can be narrowed to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from webhooks.models import Attempt, Delivery, Outcome

DAY = timedelta(hours=24)


class OpenFilter(admin.SimpleListFilter):
    title = _("settled")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("not yet: waiting or being sent"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(settled_at__isnull=True) if self.value() else queryset


class FailedFilter(admin.SimpleListFilter):
    """Those with a try that failed. The value is "day", or two moments with a comma between."""

    title = _("failed tries")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("day", _("in the last 24 hours"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if not self.value():
            return queryset
        since, until = _span(str(self.value()))
        tries = Attempt.objects.filter(
            outcome=Outcome.FAILED, started_at__gte=since, started_at__lt=until
        )
        return queryset.filter(pk__in=tries.values("delivery"))


def _span(value: str) -> tuple[datetime, datetime]:
    """What makes no sense is taken for the day."""
    now = timezone.now()
    try:
        since, until = map(parse_datetime, value.split(","))
    except ValueError:
        return now - DAY, now
    if since is None or until is None or timezone.is_naive(since) or timezone.is_naive(until):
        return now - DAY, now
    return since, until
