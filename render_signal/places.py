"""How many pages are made at once: what waits without an end must not take every thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from render_signal.middleware import is_asked_by_machines
from render_signal.serving import THREADS

# A database that has stopped answering keeps a page for ever.
PLACES = 6
# Pages are made within moments: some that come at once wait for each other.
WAITING = THREADS - PLACES - 2
WAIT_SECONDS = 2.0


class PlacesMiddleware:
    """Two threads are left to /health and /metrics, which wait for nothing long. A page for which
    there is no place waits a moment if few do, and is refused then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._places = threading.BoundedSemaphore(PLACES)
        self._waiting = threading.BoundedSemaphore(WAITING)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_asked_by_machines(request):
            return self._get_response(request)
        if not self._gets_place():
            return _refusal(request)
        try:
            return self._get_response(request)
        finally:
            self._places.release()

    def _gets_place(self) -> bool:
        if self._places.acquire(blocking=False):
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=WAIT_SECONDS)
        finally:
            self._waiting.release()


def _refusal(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        text = _("Too many pages wait already, perhaps for the database. Try again in a moment.")
    response = HttpResponse(f"{text}\n", "text/plain; charset=utf-8", 503)
    response["Retry-After"] = "2"
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log does it
    return response
