"""Step 5: what now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from configstore import editing
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, RoutingRules
from configstore.store import ConfigurationUnknown
from render_signal.assistant.pages import assistant_page, show
from render_signal.assistant.steps import FINISH
from webhooks.alerts.notify import channels, recipients
from webhooks.alerts.trouble import Channel
from webhooks.alerts.unheard import unheard


@assistant_page
def finish_view(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        _switch_alerts_on(request)
        return HttpResponseRedirect(reverse("assistant_finish"))
    prefs = config_store().get(ProcessingPrefs)
    ways = channels(prefs)
    return show(
        request,
        FINISH,
        alerts=prefs.notify_on_failure,
        unheard=unheard(prefs),
        told=[str(way.label) for way in ways],
        people=recipients(prefs) if Channel.MAIL in ways else [],
        processing_address=reverse(
            "admin:configstore_processing_change", args=[ProcessingPrefs.NAME]
        ),
        rules_address=reverse("admin:configstore_routing_change", args=[RoutingRules.NAME]),
    )


def _switch_alerts_on(request: HttpRequest) -> None:
    def on(raw: JSONObject) -> JSONObject:
        return raw | {"notify_on_failure": True}

    try:
        written = editing.update(
            config_store(),
            ProcessingPrefs,
            ProcessingPrefs.NAME,
            on,
            author=request.user.get_username(),
            action="changed",
        )
    except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
        tell_store_trouble(request, exc)
        return
    tell_saved(request, _("Alerts"), written)
