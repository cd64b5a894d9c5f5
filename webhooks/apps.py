from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from configstore.wording import register
from webhooks import probe, wording
from webhooks.alerts import probe as alert_probe


class WebhooksApp(AppConfig):
    name = "webhooks"
    verbose_name = _("Deliveries")

    def ready(self) -> None:
        probe.register_probes()
        alert_probe.register_probes()
        register(wording.SENTENCES, wording.NESTED)
