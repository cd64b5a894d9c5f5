from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from configstore.wording import register
from polling import probe, wording


class PollingApp(AppConfig):
    name = "polling"
    verbose_name = _("Mails")

    def ready(self) -> None:
        probe.register_probes()
        register(wording.SENTENCES, wording.NESTED)
