"""GET /health: whether the service can do its work, part by part, and no secret."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from render_signal.health import parts
from render_signal.health.probing import probed
from render_signal.health.stores import database
from render_signal.parts import DEGRADED, FAILED, OK, Part


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    found = parts()
    states = {part["status"] for part in found.values()}
    status = next((state for state in (FAILED, DEGRADED) if state in states), OK)
    return _answer({"status": status, "parts": found}, status)


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Whether this web process is any good. For platforms that restart what fails: restarting
    it does not mend a mailbox or an endpoint."""
    part = probed(database)
    return _answer(part, part["status"])


def _answer(content: Part, status: str) -> JsonResponse:
    code = 503 if status == FAILED else 200
    response = JsonResponse(content, status=code, json_dumps_params={"indent": 2})
    # Django would log each 503 as an error of ours, and it is the answer to the question.
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log does it
    return response
