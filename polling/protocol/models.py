"""What was said between us and the server of a mailbox, while somebody wanted to know."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProtocolLog(models.Model):
    """Of one mailbox, by its name. It is kept until that moment, whoever serves the mailbox, and
    read for a day after it."""

    mailbox = models.CharField(_("mailbox"), max_length=100, unique=True)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("protocol log")
        verbose_name_plural = _("protocol logs")
        default_permissions = ()  # those of the mailbox states

    def __str__(self) -> str:
        return self.mailbox

    @classmethod
    def keep(cls, mailbox: str, until: datetime) -> ProtocolLog:
        log, _ = cls.objects.update_or_create(mailbox=mailbox, defaults={"until": until})
        return log

    @property
    def is_kept(self) -> bool:
        return self.until > timezone.now()


class ProtocolLine(models.Model):
    """Without credentials, and nothing of a mail (polling.protocol.dialogue). side: who said it."""

    log = models.ForeignKey(ProtocolLog, models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    side = models.CharField(max_length=8)
    text = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("protocol line")
        verbose_name_plural = _("protocol lines")
        default_permissions = ()

    def __str__(self) -> str:
        return self.text
