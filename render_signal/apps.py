from __future__ import annotations

from django.apps import AppConfig

from configstore.wording import register
from render_signal import checks, wording


class RenderSignalConfig(AppConfig):
    """What needs all the other packages: pages, commands and checks over the whole service."""

    name = "render_signal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(wording.SENTENCES)
        checks.register_checks()
