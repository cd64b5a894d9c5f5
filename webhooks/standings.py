"""How it goes with each endpoint, for the page that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import (
    PollingConfig,
    ProcessingPrefs,
    WebhookConfig,
    endpoint_document,
)
from configstore.naming import endpoint_names
from configstore.secrets import SecretUnreadable
from configstore.standings import Standing
from configstore.store import ConfigStore, ConfigurationUnknown
from webhooks import journal
from webhooks.endpoints import described_endpoint
from webhooks.holds import limited
from webhooks.models import WAITING, EndpointState, State
from webhooks.pause import ABSENCE, OUTSIDE, SWITCHED_OFF, Pause, pause_in_force


@dataclass(frozen=True, kw_only=True)
class View:
    """What is asked once for all of them."""

    store: ConfigStore
    prefs: ProcessingPrefs
    zone: ZoneInfo
    now: datetime
    states: Mapping[str, EndpointState]
    limit: Pause | None


def standings() -> dict[str, Standing]:
    """All that are listed, and those that have left the list with something waiting or dead.

    Three queries, however many there are. Raises ConfigurationUnknown.
    """
    store, now = config_store(), timezone.now()
    prefs, counts, names = store.get(ProcessingPrefs), journal.counts(), endpoint_names(store)
    view = View(
        store=store,
        prefs=prefs,
        zone=ZoneInfo(store.get(PollingConfig).timezone),
        now=now,
        states=journal.endpoint_states(),
        limit=limited(prefs.rate_limit_per_hour, now),
    )
    found = {name: _standing(name, view, counts.get(name, {})) for name in names}
    left = {name: _left(count) for name, count in sorted(counts.items()) if name not in found}
    return found | left


def _standing(name: str, view: View, counts: Mapping[str, int]) -> Standing:
    sentence, ok = _state(name, view)
    return Standing(sentence=sentence, ok=ok, **_numbers(counts))


def _left(counts: Mapping[str, int]) -> Standing:
    numbers = _numbers(counts)
    ok = False if numbers["waiting"] else None
    return Standing(sentence=_("not listed any more"), ok=ok, **numbers)


def _numbers(counts: Mapping[str, int]) -> dict[str, int]:
    waiting = sum(counts.get(state, 0) for state in (*WAITING, State.SENDING))
    return {"waiting": waiting, "dead": counts.get(State.DEAD, 0)}


def _state(name: str, view: View) -> tuple[str, bool | None]:
    try:
        config = view.store.get(WebhookConfig, endpoint_document(name))
        endpoint = described_endpoint(config, view.prefs, name)
    except (ConfigurationUnknown, SecretUnreadable):
        return _("its settings cannot be used"), False
    if endpoint is None:
        return _("no address"), False
    state = view.states.get(name)
    known = state if state and state.fingerprint == endpoint.fingerprint else None
    if known and known.paused:
        return _("paused until somebody resumes it"), False
    if pause := pause_in_force(config, view.zone, view.now, settings.EGRESS_ALLOWED_CIDRS):
        return _held(pause)
    if known and known.failures and known.failing_since:
        return _("failing since %(moment)s") % {"moment": _moment(known.failing_since)}, False
    if view.limit:
        return _held(view.limit)
    return _("open"), True


def _held(pause: Pause) -> tuple[str, bool | None]:
    """As the log says it, in the reader's language."""
    if pause.reason == SWITCHED_OFF:
        return _("switched off"), None
    if pause.reason == ABSENCE and pause.until is None:
        return _("absence on every day"), None
    if pause.until is None:
        return _("its address cannot be used"), False
    sentences = {
        ABSENCE: _("absence until %(moment)s"),
        OUTSIDE: _("outside its times until %(moment)s"),
    }
    sentence = sentences.get(pause.reason, _("enough for this hour, until %(moment)s"))
    return sentence % {"moment": _moment(pause.until)}, None


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
