"""What people are told of, and every message about it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from webhooks.alerts.trouble import Channel, Kind


class Alert(models.Model):
    """One trouble of an endpoint, from its beginning to its end: that of dead deliveries ends
    when none of them is dead any more.

    The one open row of a kind and endpoint is what all processes share: whoever changes its
    told_at from what it had read tells people, and nobody else does. told_at moves on with each
    telling; dead letters are counted from the last one on.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    endpoint = models.CharField(_("endpoint"), max_length=64)
    since = models.DateTimeField(_("since"))
    count = models.PositiveIntegerField(_("count"), default=0)
    told_at = models.DateTimeField(_("last told at"), null=True)
    cleared_at = models.DateTimeField(_("cleared at"), null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "endpoint"],
                name="one_open_alert_per_kind_and_endpoint",
                condition=models.Q(cleared_at__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["kind", "endpoint", "told_at"], name="alert_told")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.endpoint}"

    @classmethod
    def last_told(cls, kind: str, endpoint: str) -> datetime | None:
        rows = cls.objects.filter(kind=kind, endpoint=endpoint)
        last: datetime | None = rows.aggregate(last=models.Max("told_at"))["last"]
        return last


class Notice(models.Model):
    """One message on its way, by one channel. due_at is when it is tried, or while somebody
    tries it, when he is believed to be dead; None: it was told, or is too old to be."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    webhook_id = models.CharField(_("webhook id"), max_length=64)
    sentence = models.TextField(_("sentence"))
    count = models.PositiveIntegerField(_("count"))
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("due at"), null=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(
                fields=["due_at"], name="notice_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_channel_display()}"
