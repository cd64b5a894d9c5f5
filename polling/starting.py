"""How the poller is started, said in one way wherever it is missing."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _


def how_to_start() -> str:
    if settings.ON_RENDER:
        return _(
            "On Render open the service render-signal-worker, or render-signal where it is the "
            "only one, look into its log, and resume or deploy it. Without such a service, make a "
            "background worker with the start command “python manage.py runpoller”."
        )
    return _(
        "Start “manage.py runpoller” in the folder of render_signal, and leave it running. If it "
        "should be running already, its log says why it does not work."
    )
