"""What /health says of the configuration in force."""

from __future__ import annotations

import contextlib

from configstore.declared import config_store
from configstore.documents import (
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
    document_of,
)
from configstore.naming import SEVERAL, names_of
from configstore.store import ConfigStore, ConfigurationUnknown
from render_signal.parts import DEGRADED, FAILED, OK, Part

KINDS = (PollingConfig, ProcessingPrefs, WebhookConfig, RoutingRules)


def configuration() -> Part:
    store = config_store()
    try:
        for kind in KINDS:
            store.get(kind)
    except ConfigurationUnknown as exc:
        return {"status": FAILED, "detail": str(exc)}
    told = sources()
    faults = [fault for name in told if (fault := store.fault(name))]
    if faults:
        return {"status": DEGRADED, "sources": told, "detail": "; ".join(faults)}
    if store.patience.at_an_end:
        detail = "a store does not answer: what it said last stays in force"
        return {"status": DEGRADED, "sources": told, "detail": detail}
    unavailable = sorted(store.chain.unavailable())
    if unavailable:
        detail = f"cannot be reached: {', '.join(unavailable)}"
        return {"status": DEGRADED, "sources": told, "detail": detail}
    return {"status": OK, "sources": told}


def sources() -> dict[str, str]:
    """Which store each document in force came from."""
    store = config_store()
    for kind in KINDS:
        with contextlib.suppress(ConfigurationUnknown):
            store.get(kind)
    names = [*(kind.NAME for kind in KINDS), *_further_documents(store)]
    return {name: store.source(name) for name in names}


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
