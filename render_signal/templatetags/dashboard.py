"""The dashboard on the first page."""

from __future__ import annotations

from django import template

from render_signal.dashboard.board import Board, board

register = template.Library()


@register.simple_tag(takes_context=True)
def dashboard(context: template.RequestContext) -> Board | None:
    return board(context["request"])
