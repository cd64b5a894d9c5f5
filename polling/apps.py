from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PollingConfig(AppConfig):
    name = "polling"
    verbose_name = _("Mails")
