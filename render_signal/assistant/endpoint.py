"""Step 2: the endpoint, and what it answers to a test."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from configstore.allowed_networks import how_to_allow
from configstore.documents import WebhookConfig
from configstore.forms.base import DocumentForm
from configstore.models import Webhook
from render_signal.assistant.advice import command
from render_signal.assistant.fields import Fields
from render_signal.assistant.pages import assistant_page, show
from render_signal.assistant.steps import ENDPOINT
from webhooks.probe import try_endpoint


@assistant_page
def endpoint_view(request: HttpRequest) -> HttpResponse:
    fields = Fields(Webhook, WebhookConfig.NAME)
    if request.method != "POST":
        return _page(request, fields, fields.form(_asked(fields)))
    form = fields.form(_asked(fields), request.POST)
    if not form.is_valid():
        return _page(request, fields, form)
    if "_save" in request.POST and fields.save(request, form):
        return HttpResponseRedirect(reverse("assistant_senders"))
    answer = try_endpoint(WebhookConfig.NAME, fields.entered(form))
    if not answer.ok:
        return _page(request, fields, form, answer=answer, advice=answer.advice)
    if not fields.save(request, form):
        return _page(request, fields, form, answer=answer)
    fresh = Fields(Webhook, WebhookConfig.NAME)
    return _page(request, fresh, fresh.form(_asked(fresh)), answer=answer, saved=True)


def _asked(fields: Fields) -> tuple[str, ...]:
    """Stored headers stand beside the address: they are not sent to another one unasked."""
    return ("webhook_url", *(("webhook_headers",) if fields.value("webhook_headers") else ()))


def _page(request: HttpRequest, fields: Fields, form: DocumentForm, **context: Any) -> HttpResponse:
    return show(
        request,
        ENDPOINT,
        form=form,
        lines=form.lines(_asked(fields)),
        page_address=fields.address,
        how_to_allow=how_to_allow(),
        secret_command=command("signingsecret"),
        **context,
    )
