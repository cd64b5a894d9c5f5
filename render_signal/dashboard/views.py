"""The dashboard without the page around it: what the page fetches to stay up to date."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from render_signal.dashboard.board import board


@require_safe
def fragment(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "admin/dashboard/board.html", {"board": board(request)})
