"""What all pages of the assistant share: who may use them, and what stands around each."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from configstore.admin.permissions import may_change
from configstore.admin.told import tell_store_trouble
from configstore.declared import config_store
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.store import ConfigurationUnknown
from render_signal.assistant.fields import Faulty
from render_signal.assistant.steps import TITLES, steps

View = Callable[[HttpRequest], HttpResponse]
NEEDED = (PollingConfig.NAME, WebhookConfig.NAME, ProcessingPrefs.NAME)


def may_use(request: HttpRequest) -> bool:
    """It changes all three documents."""
    return all(may_change(request, name) for name in NEEDED)


def assistant_page(view: View) -> View:
    """For people who are logged in to the admin and may change what it changes."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not may_use(request):
            raise PermissionDenied
        try:
            return view(request)
        except Faulty as exc:
            return HttpResponseRedirect(exc.address)
        except ConfigurationUnknown as exc:
            tell_store_trouble(request, exc)
            context = {**admin.site.each_context(request), "title": _("Set-up assistant")}
            return TemplateResponse(request, "admin/assistant/unknown.html", context, status=503)

    return admin.site.admin_view(guarded)


def show(request: HttpRequest, step: str, **context: Any) -> TemplateResponse:
    """The page of this step. Raises ConfigurationUnknown."""
    found = steps(config_store())
    at = [each.id for each in found].index(step)
    around = {
        **admin.site.each_context(request),
        "title": TITLES[step],
        "steps": found,
        "step": found[at],
        "number": at + 1,
        "former": found[at - 1] if at else None,
        "following": found[at + 1] if at + 1 < len(found) else None,
    }
    return TemplateResponse(request, f"admin/assistant/{step}.html", around | context)
