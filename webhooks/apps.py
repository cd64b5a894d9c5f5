from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from configstore.wording import register
from webhooks import alert_probe, probe, wording
from webhooks.folding import fold_in_sqlite


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Deliveries")

    def ready(self) -> None:
        fold_in_sqlite()
        probe.register_probes()
        alert_probe.register_probes()
        register(wording.SENTENCES, wording.NESTED)
