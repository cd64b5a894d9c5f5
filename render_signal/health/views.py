"""The pages for platforms and monitors: whether the service can do its work, and no secret."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from render_signal.health import database_in_time, parts_in_time
from render_signal.parts import DEGRADED, FAILED, OK, SAID, Part


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Of the whole service, part by part. For monitors."""
    found = parts_in_time()
    states = {part["status"] for part in found.values()}
    status = next((state for state in (FAILED, DEGRADED) if state in states), OK)
    public = {name: _public(part) for name, part in found.items()}
    return _answer({"status": status, "parts": public}, status)


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether this web process can answer pages: it reaches its database. For platforms that
    send visitors to what is ready, and take a new release into service then."""
    part = database_in_time()["database"]
    return _answer(part, part["status"])


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Whether this web process answers at all. For platforms that restart what does not: that
    mends neither a database nor a mailbox nor an endpoint."""
    return _answer({"status": OK}, OK)


def _public(part: Part) -> Part:
    return {name: value for name, value in part.items() if name != SAID}


def _answer(content: Part, status: str) -> JsonResponse:
    code = 503 if status == FAILED else 200
    response = JsonResponse(content, status=code, json_dumps_params={"indent": 2})
    # Django would log each 503 as an error of ours, and it is the answer to the question.
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log does it
    return response
