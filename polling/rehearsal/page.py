"""The page on which a mail is tried with the routing rules."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.admin.permissions import may_change, may_view
from configstore.declared import config_store
from configstore.documents import RoutingRules
from configstore.extra_pages import ExtraPage, register
from configstore.fields import DEFAULT_MAILBOX
from configstore.models import Routing
from configstore.naming import mailbox_names
from configstore.store import ConfigurationUnknown
from configstore.wording import translated
from polling.accounts import NotSetUp
from polling.errors import MailboxTrouble
from polling.models import Mail
from polling.raw_mail import NotThere, raw_mail
from polling.rehearsal.form import RehearsalForm
from polling.rehearsal.rehearse import Rehearsal, rehearse

VIEW = "admin:polling_mail_rehearsal"
TITLE = gettext_lazy("Try a mail")


def rehearsal_view(request: HttpRequest) -> HttpResponse:
    """Tries what the form says, with the rules in force or those that came with it."""
    if not may_view(request, RoutingRules.NAME):
        raise PermissionDenied
    chosen = request.GET.get("mail", "")
    form = _form(request, int(chosen) if chosen.isdecimal() else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, None)
    if form.cleaned_data["rules"] and not may_change(request, RoutingRules.NAME):
        raise PermissionDenied
    try:
        return _page(request, form, _tried(form))
    except (NotThere, NotSetUp, MailboxTrouble, ConfigurationUnknown) as exc:
        reason = translated(str(exc)).rstrip(".")
        messages.error(request, _("The mail cannot be tried: %(reason)s.") % {"reason": reason})
        return _page(request, form, None)


def show(request: HttpRequest, rules: RoutingRules) -> HttpResponse:
    """The page with rules that are not saved."""
    document = json.dumps(rules.model_dump(mode="json"), ensure_ascii=False)
    return _page(request, _form(request, None, {"rules": document}), None)


def _tried(form: RehearsalForm) -> Rehearsal:
    store, cleaned, now = config_store(), form.cleaned_data, timezone.now()
    rules = cleaned["rules"] or store.get(RoutingRules)
    if cleaned["source"] != "received":
        mailbox = cleaned["mailbox"] or DEFAULT_MAILBOX
        return rehearse(store, rules, mailbox, form.given(), now, now)
    mail: Mail = cleaned["mail"]
    received_at = mail.received_at or mail.seen_at
    return rehearse(store, rules, mail.mailbox.name, raw_mail(store, mail), received_at, now)


def _form(
    request: HttpRequest, chosen: int | None, initial: dict[str, str] | None = None
) -> RehearsalForm:
    try:
        mailboxes = mailbox_names(config_store())
    except ConfigurationUnknown:
        mailboxes = (DEFAULT_MAILBOX,)
    bound = request.method == "POST" and initial is None
    return RehearsalForm(
        *((request.POST, request.FILES) if bound else ()),
        mailboxes=mailboxes,
        may_read_mails=request.user.has_perm("polling.change_mail"),
        chosen=chosen,
        initial={"mail": chosen, **(initial or {})},
    )


def _are_unsaved(rules: str | None) -> bool:
    """Whether these, of the page on which they are edited, are others than those in force."""
    if not rules:
        return False
    try:
        stored = config_store().get(RoutingRules).model_dump(mode="json")
        return bool(json.loads(rules) != stored)
    except (ConfigurationUnknown, ValueError):
        return True


def _page(request: HttpRequest, form: RehearsalForm, tried: Rehearsal | None) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": TITLE,
        "opts": Routing._meta,
        "form": form,
        "tried": tried,
        "mail": _mail_of(request, form) if tried else None,
        "unsaved": _are_unsaved(form["rules"].value()),
        "address": reverse(VIEW),
        "rules_address": reverse("admin:configstore_routing_changelist"),
    }
    return TemplateResponse(request, "admin/polling/rehearsal.html", context)


def _mail_of(request: HttpRequest, form: RehearsalForm) -> Mail | None:
    """The one of the journal that was tried."""
    may_see = request.user.has_perm("polling.view_mail")
    chosen = may_see and form.cleaned_data["source"] == "received"
    return form.cleaned_data["mail"] if chosen else None


register(ExtraPage(kind=RoutingRules.NAME, label=TITLE, view=VIEW, show=show))
