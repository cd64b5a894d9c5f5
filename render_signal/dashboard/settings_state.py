"""Where the settings come from, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from configstore.documents import (
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
    document_of,
)
from configstore.naming import SEVERAL, names_of
from configstore.rule_endpoints import leading_nowhere
from configstore.store import ConfigStore, ConfigurationUnknown
from configstore.wording import store_names, translated
from render_signal.assistant.beginning import reading_waits
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.addresses import Link
from render_signal.dashboard.need import Need
from webhooks.alerts.unheard import Unheard, unheard

KINDS = (PollingConfig, WebhookConfig, RoutingRules, ProcessingPrefs)


@dataclass(frozen=True, kw_only=True)
class SettingsState:
    """sources and faults go by the names of documents; unknown ones have no last good document.
    nowhere: endpoints that rules lead to and nobody describes, each with the name of a rule."""

    sources: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    away: tuple[str, ...] = ()
    nowhere: dict[str, str] = field(default_factory=dict)
    unheard: Unheard | None = None
    reading_waits: bool = False


def settings_state(store: ConfigStore) -> SettingsState:
    """Further documents count as far as they have been read."""
    unknown: dict[str, str] = {}
    for kind in KINDS:
        try:
            store.get(kind)
        except ConfigurationUnknown as exc:
            unknown[kind.NAME] = str(exc)
    names = [*(kind.NAME for kind in KINDS), *_further(store)]
    nowhere: dict[str, str] = {}
    known = ProcessingPrefs.NAME not in unknown
    if not unknown:
        nowhere = leading_nowhere(store, store.get(RoutingRules))
    return SettingsState(
        sources={name: store.source(name) for name in names if name not in unknown},
        faults={name: fault for name in names if name not in unknown
                if (fault := store.fault(name))},
        unknown=unknown,
        away=tuple(sorted(store.chain.unavailable())),
        nowhere=nowhere,
        unheard=unheard(store.get(ProcessingPrefs)) if known else None,
        reading_waits=PollingConfig.NAME not in unknown and reading_waits(store),
    )  # fmt: skip


def _further(store: ConfigStore) -> list[str]:
    found = []
    for kind in SEVERAL:
        try:
            found += [document_of(kind, name) for name in names_of(kind, store)[1:]]
        except ConfigurationUnknown:
            continue
    return found


def settings_needs(state: SettingsState, access: Access, redis_away: bool) -> Iterator[Need]:
    for name, fault in state.unknown.items():
        if access.may_view(name):
            yield Need(
                sentence=_("The settings cannot be read: %(fault)s.") % {"fault": _end(fault)},
                advice=_("Nothing is relayed until they can. No mail is lost meanwhile."),
                links=(Link(_("The settings"), addresses.document(name)),),
            )
    for name, fault in state.faults.items():
        if access.may_view(name):
            yield Need(
                sentence=_("Settings are faulty: %(fault)s.") % {"fault": _end(fault)},
                advice=_("The last good settings stay in force. Repair what is stored."),
                links=(Link(_("Repair it"), addresses.document(name)),),
            )
    if any(access.parts):
        yield from _away(state.away, redis_away)


def _end(fault: str) -> str:
    return translated(fault).rstrip(".")


def _away(away: Iterable[str], redis_away: bool) -> Iterator[Need]:
    if redis_away or "Redis" in away:
        yield Need(
            sentence=_("Redis cannot be reached."),
            advice=_(
                "Mails are relayed all the same: with the settings that were read last, and with a "
                "file for a lock, which is safe on one machine only. Check that Redis runs, and "
                "REDIS_URL."
            ),
        )
    if others := [name for name in away if name != "Redis"]:
        yield Need(
            sentence=_("A store of the settings cannot be reached: %(stores)s.")
            % {"stores": store_names(others)},
            advice=_("The next store is used until it is back. Check that it runs."),
            urgent=False,
        )


def rule_needs(nowhere: dict[str, str], access: Access) -> Iterator[Need]:
    if not access.routing:
        return
    pages = [Link(_("Routing rules"), addresses.document(RoutingRules.NAME))]
    if access.endpoints:
        pages.append(Link(_("All endpoints"), addresses.endpoints()))
    for endpoint, rule in nowhere.items():
        yield Need(
            sentence=_("Rule “%(rule)s” leads to endpoint %(endpoint)s, which nobody describes.")
            % {"rule": rule, "endpoint": endpoint},
            advice=_("Its deliveries wait. Add the endpoint, or change the rule."),
            links=tuple(pages),
        )
