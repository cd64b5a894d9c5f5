"""The page that answers why a mail did not arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import PollingConfig, ProcessingPrefs, mailbox_document
from configstore.naming import mailbox_names
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import NotSetUp, find_account
from polling.holders import holders
from polling.models import Mail, MailboxState
from polling.why import asked
from polling.why.answer import Answer, lone_answer
from polling.why.explanation import explain, known
from polling.why.nothing_found import Box, nothing_found
from polling.why.similar import similar_senders
from webhooks import search
from webhooks.life import Life, lives
from webhooks.models import Delivery

LONGEST = 500


def why_view(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("polling.view_mail"):
        raise PermissionDenied
    text = request.GET.get("q", "").strip()[:LONGEST]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Why did this mail not arrive?"),
        "opts": Mail._meta,
        "query": text,
        **(_looked_up(text) if text else {}),
    }
    return TemplateResponse(request, "admin/polling/why.html", context)


def _looked_up(text: str) -> dict[str, Any]:
    store, words = config_store(), asked.cleaned(text)
    if mails := asked.mails(words):
        shown = _answers(store, mails[: asked.MOST])
        return {"answers": shown, "more": len(mails) > asked.MOST, "words": words}
    if rows := asked.lone_deliveries(words):
        found = lives(rows[: asked.MOST], store, timezone.now())
        return {"lone": [(life.delivery, lone_answer(life)) for life in found]}
    return _nothing(store, words)


def _answers(store: ConfigStore, mails: Sequence[Mail]) -> list[tuple[Mail, Answer]]:
    return list(zip(mails, explain(store, mails, _lives(store, mails)), strict=True))


def _lives(store: ConfigStore, mails: Sequence[Mail]) -> dict[str, list[Life]]:
    names = {mail.message_id for mail in mails} - {""}
    rows = Delivery.objects.filter(message_id__in=names).defer("payload").order_by("endpoint")
    by_message = defaultdict(list)
    for life in lives(list(rows) if names else [], store, timezone.now()):
        by_message[life.delivery.message_id].append(life)
    return dict(by_message)


def _nothing(store: ConfigStore, words: str) -> dict[str, Any]:
    prefs = known(store, ProcessingPrefs)
    return {
        "steps": nothing_found(_boxes(store), timezone.now(), settings.MAILBOX_CATCH_UP_DAYS),
        "similar": similar_senders(search.words(words)),
        "several_words": len(search.words(words)) > 1,
        "journal_days": prefs.journal_days if prefs else None,
        "nothing": True,
    }


def _boxes(store: ConfigStore) -> list[Box]:
    """Of all mailboxes; of those that were ever met if the settings cannot be read."""
    by_name = {state.name: state for state in MailboxState.objects.order_by("pk")}
    try:
        names = mailbox_names(store)
    except ConfigurationUnknown:
        return [Box(name=name, state=state) for name, state in by_name.items()]
    found = holders(names)
    return [_box(store, name, by_name.get(name), found[name]) for name in names]


def _box(store: ConfigStore, name: str, state: MailboxState | None, holder: Any) -> Box:
    config = known(store, PollingConfig, mailbox_document(name))
    try:
        account = find_account(store, name)
    except NotSetUp as exc:
        return Box(name=name, lacks=str(exc), config=config, state=state)
    except ConfigurationUnknown as exc:
        return Box(name=name, lacks=str(exc), state=state)
    remembered = state if state and state.identity == account.identity else None
    return Box(name=name, folder=account.folder, config=config, state=remembered, holder=holder)
