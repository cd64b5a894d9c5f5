"""GET /health: whether the service can do its work, part by part, and no secret."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from configstore.declared import config_store
from configstore.destinations import leading_nowhere
from configstore.documents import (
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
    document_of,
    mailbox_document,
)
from configstore.naming import SEVERAL, mailbox_names, names_of
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import DEFAULT, NotSetUp, find_account
from polling.errors import Kind
from polling.holders import PROBE_SECONDS, Holder, holders
from polling.models import MailboxState
from polling.schedule import standing_down
from render_signal.health_deliveries import delivery_parts
from render_signal.parts import DATABASE_AWAY, DEGRADED, FAILED, OK, Part, part_name
from runtime.redis import REDIS_ERRORS, redis_client

# An idle connection is searched every two minutes, and renewed within the time limit.
SEARCH_OVERDUE_SECONDS = 300


@require_safe
@never_cache
def view(request: HttpRequest) -> JsonResponse:
    found = parts()
    states = {part["status"] for part in found.values()}
    status = next((state for state in (FAILED, DEGRADED) if state in states), OK)
    return _answer({"status": status, "parts": found}, status)


def parts() -> dict[str, Part]:
    """Each critical part by its name, and how it is. No secrets; sentences are English, for
    configstore.wording to translate."""
    found = {
        "database": _probe(_database),
        "redis": _probe(_redis),
        "configuration": _probe(_configuration),
    }
    names = _mailbox_names()
    found |= {part_name("lock", name): _lock(holder) for name, holder in holders(names).items()}
    found |= {part_name("mailbox", name): _probe(partial(_mailbox, name)) for name in names}
    return found | delivery_parts() | _routing()


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Whether this web process is any good. For platforms that restart what fails: restarting
    it does not mend a mailbox or an endpoint."""
    part = _probe(_database)
    return _answer(part, part["status"])


def _answer(content: Part, status: str) -> JsonResponse:
    code = 503 if status == FAILED else 200
    response = JsonResponse(content, status=code, json_dumps_params={"indent": 2})
    # Django would log each 503 as an error of ours, and it is the answer to the question.
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log does it
    return response


def _probe(part: Callable[[], Part]) -> Part:
    """What a part answers; a database that is away fails every part that asks it."""
    try:
        return part()
    except DatabaseError:
        return DATABASE_AWAY


def _mailbox_names() -> tuple[str, ...]:
    try:
        return mailbox_names(config_store())
    except ConfigurationUnknown:  # told by the part "configuration"
        return (DEFAULT,)


def _database() -> Part:
    MailboxState.objects.exists()
    return {"status": OK}


def _redis() -> Part:
    client = redis_client(PROBE_SECONDS)
    if client is None:
        return {"status": OK, "detail": "not used: REDIS_URL is not set"}
    try:
        client.ping()
    except REDIS_ERRORS as exc:
        return {"status": DEGRADED, "detail": f"cannot be reached ({type(exc).__name__})"}
    return {"status": OK}


def _configuration() -> Part:
    store = config_store()
    kinds = (PollingConfig, ProcessingPrefs, WebhookConfig, RoutingRules)
    try:
        for kind in kinds:
            store.get(kind)
    except ConfigurationUnknown as exc:
        return {"status": FAILED, "detail": str(exc)}
    names = [*(kind.NAME for kind in kinds), *_further_documents(store)]
    sources = {name: store.source(name) for name in names}
    faults = [fault for name in names if (fault := store.fault(name))]
    if faults:
        return {"status": DEGRADED, "sources": sources, "detail": "; ".join(faults)}
    unavailable = sorted(store.chain.unavailable())
    if unavailable:
        detail = f"cannot be reached: {', '.join(unavailable)}"
        return {"status": DEGRADED, "sources": sources, "detail": detail}
    return {"status": OK, "sources": sources}


def _routing() -> dict[str, Part]:
    """If there are rules. Those that lead nowhere hold what they send there."""
    store = config_store()
    try:
        rules = store.get(RoutingRules)
        nowhere = leading_nowhere(store, rules)
    except ConfigurationUnknown:  # told by the part "configuration"
        return {}
    if not rules.rules:
        return {}
    part: Part = {"status": OK, "rules": len(rules.rules)}
    if nowhere:
        told = (f"rule {rule!r} leads to endpoint {name}" for name, rule in nowhere.items())
        detail = f"{'; '.join(told)}: not listed in webhook_config, its deliveries wait"
        part |= {"status": DEGRADED, "detail": detail}
    return {"routing": part}


def _further_documents(store: ConfigStore) -> list[str]:
    """Those of further mailboxes and endpoints, read. One that is unknown fails that alone."""
    found = []
    for kind in SEVERAL:
        names = [document_of(kind, name) for name in names_of(kind, store)[1:]]
        for name in names:
            with contextlib.suppress(ConfigurationUnknown):
                store.get(kind, name)
        found += names
    return found


def _lock(holder: Holder) -> Part:
    detail = {"detail": "file lock: safe on one machine only"} if holder.kind == "file" else {}
    if not holder.fields:
        nobody = "nobody holds it on this machine" if detail else "nobody holds it"
        return {"status": DEGRADED, "detail": f"{nobody}: is runpoller running?"}
    status = DEGRADED if holder.degraded else OK
    return {"status": status, "kind": holder.kind, "holder": holder.fields, **detail}


def _mailbox(name: str) -> Part:
    store = config_store()
    try:
        config = store.get(PollingConfig, mailbox_document(name))
        account = find_account(store, name)
    except ConfigurationUnknown as exc:
        # For the default mailbox the part "configuration" tells the failure.
        return {"status": DEGRADED if name == DEFAULT else FAILED, "detail": str(exc)}
    except NotSetUp as exc:
        return {"status": DEGRADED, "detail": str(exc)}
    now = timezone.now()
    if reason := standing_down(config, now):
        return {"status": OK, "detail": f"standing down: {reason}"}
    state = MailboxState.objects.filter(identity=account.identity).first()
    if state is None:
        return {"status": DEGRADED, "detail": "never searched: is runpoller running?"}
    part: Part = {"status": OK, "quarantined": state.quarantined}
    if state.quarantined:
        detail = f"{state.quarantined} could not be read: the journal of mails can try again"
        part |= {"kind": Kind.POISON.value, "detail": detail}
    if state.catch_up_total:
        part["progress"] = f"catching up: {state.catch_up_done} of {state.catch_up_total}"
    if state.searched_at is not None:
        part["seconds_since_search"] = round((now - state.searched_at).total_seconds())
    if state.trouble:
        part |= {"kind": state.trouble_kind, "detail": state.trouble}
        part["status"] = DEGRADED if state.served else FAILED
    if state.trouble and not state.served:
        return part
    if state.searched_at is None or now - state.searched_at > _overdue(config):
        return part | {"status": FAILED, "detail": "no search for a while: is runpoller running?"}
    return part


def _overdue(config: PollingConfig) -> timedelta:
    """Where IDLE is missing the mailbox is searched at its interval."""
    seconds = 2 * config.interval_seconds + settings.IMAP_TIMEOUT_SECONDS
    return timedelta(seconds=max(SEARCH_OVERDUE_SECONDS, seconds))
