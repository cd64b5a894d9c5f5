"""The way in: to the first step that is not done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from configstore.declared import config_store
from render_signal.assistant.pages import assistant_page
from render_signal.assistant.steps import next_step, steps


@assistant_page
def start_view(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(next_step(steps(config_store())).address)
