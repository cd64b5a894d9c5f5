"""What every page needs to know."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.middleware.common import CommonMiddleware
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigurationUnknown
from render_signal.dead_ends import bad_request, method_not_allowed

# None of our pages needs any of these.
FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in FEATURES)
# What platforms and monitors ask: it waits for no store, and answers to whatever name they use.
ASKED_BY_MACHINES = ("/health", "/metrics")


def is_asked_by_machines(request: HttpRequest) -> bool:
    return request.path_info.startswith(ASKED_BY_MACHINES)


class PermissionsPolicyMiddleware:
    """Django and django-csp set the other security headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class HeadMiddleware:
    """Monitors ask with HEAD, and gunicorn warns of each body that it has to drop."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response


class MethodMiddleware:
    """Django answers a page that is asked for in a way it does not have with nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = method_not_allowed(request).content
        return response


class UnreadableMiddleware:
    """What no person types: a NUL, which PostgreSQL takes in no text, and a year that no calendar
    has, on which the filters of Django's lists fail. It is no fault of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, BadRequest())
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if isinstance(fault, DataError | ValueError) and _has_nul(request.POST):
            return bad_request(request, fault)
        if isinstance(fault, OverflowError | ValueError) and _names_a_year(request.GET):
            return bad_request(request, fault)
        return None


def _has_nul(form: QueryDict) -> bool:
    return any("\0" in text for key, values in form.lists() for text in (key, *values))


def _names_a_year(query: QueryDict) -> bool:
    return any(key.endswith("__year") for key in query)


class HostMiddleware(CommonMiddleware):
    """Refuses a Host that is not allowed, but to machines: Render asks after health by a domain
    that somebody has just added, and stops what does not answer; a Prometheus beside us by the
    internal name. They build no address of it."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if is_asked_by_machines(request):
            return None
        return super().process_request(request)


class TimeZoneMiddleware:
    """Times are shown in the time zone of the settings, in which people also enter them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_asked_by_machines(request):
            return self._get_response(request)
        with timezone.override(_zone()):
            return self._get_response(request)


def _zone() -> ZoneInfo | None:
    try:
        return ZoneInfo(config_store().get(PollingConfig).timezone)
    except ConfigurationUnknown:
        return None
