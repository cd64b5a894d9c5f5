"""What every page needs to know."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigurationUnknown

# None of our pages needs any of these.
FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in FEATURES)


class PermissionsPolicyMiddleware:
    """Django and django-csp set the other security headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class TimeZoneMiddleware:
    """Times are shown in the time zone of the settings, in which people also enter them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(("/health", "/metrics")):  # must not wait for a store
            return self._get_response(request)
        with timezone.override(_zone()):
            return self._get_response(request)


def _zone() -> ZoneInfo | None:
    try:
        return ZoneInfo(config_store().get(PollingConfig).timezone)
    except ConfigurationUnknown:
        return None
