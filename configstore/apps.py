from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigstoreConfig(AppConfig):
    name = "configstore"
    verbose_name = _("Settings")
