"""Step 1: the mailbox, really tried before it is saved."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from configstore.credentials import environment_fields
from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX
from configstore.forms.base import DocumentForm
from configstore.models import Mailbox
from polling.probe import try_mailbox
from render_signal.assistant.advice import about_mailbox, command
from render_signal.assistant.beginning import switch_at_first
from render_signal.assistant.fields import Fields
from render_signal.assistant.pages import assistant_page, show
from render_signal.assistant.presets import PROVIDERS
from render_signal.assistant.providers import OTHER, Provider, by_server, guess, named
from render_signal.assistant.steps import MAILBOX

SERVER = ("imap_host", "imap_port", "imap_security")
ASKED = ("imap_user", "imap_password", *SERVER)


@assistant_page
def mailbox_view(request: HttpRequest) -> HttpResponse:
    fields = Fields(Mailbox, DEFAULT_MAILBOX)
    if request.method != "POST":
        return _page(request, fields, fields.form(ASKED))
    if "_fill" in request.POST:
        filled = fields.form(ASKED, _filled(request.POST))
        filled.keep_secrets()
        return _page(request, fields, filled, is_filled=True)
    form = fields.form(ASKED, request.POST)
    form.keep_secrets()
    if not form.is_valid():
        return _page(request, fields, form)
    along = switch_at_first(config_store())
    if "_save" in request.POST and fields.save(request, form, along=along):
        return HttpResponseRedirect(reverse("assistant_endpoint"))
    answer = try_mailbox(PollingConfig.NAME, fields.entered(form))
    if not answer.ok:
        advice = about_mailbox(answer.fault, _provider(form, request.POST))
        return _page(request, fields, form, answer=answer, advice=advice)
    if not fields.save(request, form, along=along):
        return _page(request, fields, form, answer=answer)
    fresh = Fields(Mailbox, DEFAULT_MAILBOX)
    return _page(request, fresh, fresh.form(ASKED), answer=answer, saved=True)


def _filled(data: QueryDict) -> QueryDict:
    """With the server of the provider that is chosen, or else guessed; without that of another."""
    filled = data.copy()
    provider = _chosen(data)
    if provider is not None and not provider.host and _is_preset(data.get("imap_host", "")):
        filled["imap_host"], filled["imap_port"], filled["imap_security"] = "", "993", "tls"
    if provider is not None and provider.host:
        filled["provider"] = provider.id
        filled["imap_host"] = provider.host
        filled["imap_port"] = str(provider.port)
        filled["imap_security"] = provider.security
    return filled


def _is_preset(host: str) -> bool:
    return host.strip().lower() in {each.host for each in PROVIDERS if each.host}


def _chosen(data: QueryDict) -> Provider | None:
    return named(data.get("provider", ""), PROVIDERS) or guess(data.get("imap_user", ""), PROVIDERS)


def _provider(form: DocumentForm, data: Any) -> Provider | None:
    if data and (chosen := _chosen(data)):
        return chosen
    host, port = form["imap_host"].value() or "", str(form["imap_port"].value())
    user = form["imap_user"].value() or ""
    if host:
        return by_server(host, port, PROVIDERS) or named(OTHER, PROVIDERS)
    return guess(user, PROVIDERS)


def _page(request: HttpRequest, fields: Fields, form: DocumentForm, **context: Any) -> HttpResponse:
    provider = _provider(form, form.data)
    address = form["imap_user"].value() or ""
    return show(
        request,
        MAILBOX,
        form=form,
        lines={line.field.name: line for line in form.lines(ASKED)},
        server=form.lines(SERVER),
        providers=PROVIDERS,
        provider=provider,
        page_address=fields.address,
        winning=environment_fields(),
        by_oauth=bool(fields.value("oauth_refresh_token")),
        login_command=command("mailboxlogin"),
        later=bool(switch_at_first(config_store())),
        on_render=settings.ON_RENDER,
        login_user=f" --user {address}" if "@" in address and " " not in address else "",
        server_is_open=provider is None or not provider.host or _is_own(form, provider),
        **context,
    )


def _is_own(form: DocumentForm, provider: Provider) -> bool:
    """Whether the server is another than that of the provider."""
    values = tuple(str(form[name].value() or "") for name in SERVER)
    return values != (provider.host, str(provider.port), provider.security)
