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


def configuration() -> Part:
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
