"""How it goes with each endpoint, for the page that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.moments import moment
from configstore.wellbeing import Wellbeing
from webhooks import journal
from webhooks.destinations import Destination, destinations
from webhooks.models import WAITING, State
from webhooks.pause import ABSENCE, NO_URL, OUTSIDE, SWITCHED_OFF, Pause
from webhooks.suspension import cause


def wellbeing() -> dict[str, Wellbeing]:
    """All that are listed, and those that have left the list with something waiting or dead.

    A few queries, however many there are. Raises ConfigurationUnknown.
    """
    store, counts = config_store(), journal.counts()
    zone = ZoneInfo(store.get(PollingConfig).timezone)
    found = {
        each.name: _wellbeing(each, counts.get(each.name, {}))
        for each in destinations(store, zone, timezone.now())
    }
    left = {name: _left(count) for name, count in sorted(counts.items()) if name not in found}
    return found | left


def _wellbeing(destination: Destination, counts: Mapping[str, int]) -> Wellbeing:
    sentence, ok = _state(destination)
    paused, (waiting, dead) = _paused_reason(destination), _numbers(counts)
    return Wellbeing(sentence=sentence, ok=ok, paused=paused, waiting=waiting, dead=dead)


def _paused_reason(destination: Destination) -> str:
    """ "" for one that is not paused."""
    state = destination.state
    return cause(state.paused) if destination.endpoint and state else ""


def _left(counts: Mapping[str, int]) -> Wellbeing:
    waiting, dead = _numbers(counts)
    ok = False if waiting else None
    return Wellbeing(sentence=_("not listed in webhook_config"), ok=ok, waiting=waiting, dead=dead)


def _numbers(counts: Mapping[str, int]) -> tuple[int, int]:
    """How many wait, and how many are dead."""
    waiting = sum(counts.get(state, 0) for state in (*WAITING, State.SENDING))
    return waiting, counts.get(State.DEAD, 0)


def _state(destination: Destination) -> tuple[str, bool | None]:
    state, pause = destination.state, destination.pause
    if destination.endpoint is None:
        no_address = pause is not None and pause.reason == NO_URL
        return (_("no address") if no_address else _("its settings cannot be used")), False
    if state and state.paused:
        return _("paused until somebody resumes it"), False
    if pause:
        return _held(pause)
    if state and state.failures and state.failing_since:
        return _("failing since %(moment)s") % {"moment": moment(state.failing_since)}, False
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
    return sentence % {"moment": moment(pause.until)}, None
