from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from configstore.wording import register
from render_signal import checks, wording
from render_signal.roles import grant_operators


class RenderSignalApp(AppConfig):
    """What needs all the other packages: pages, commands and checks over the whole service."""

    name = "render_signal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(wording.SENTENCES)
        checks.register_checks()
        for name in ("configstore", "webhooks", "polling"):
            app = self.apps.get_app_config(name)  # type: ignore[union-attr]  # set by now
            post_migrate.connect(grant_operators, sender=app)
