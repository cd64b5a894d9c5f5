"""The endpoints as they are described now, and what holds each of them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.documents import ProcessingPrefs, WebhookConfig, endpoint_document
from configstore.fields import translatable as _
from configstore.naming import endpoint_names
from configstore.secrets import SecretUnreadable
from configstore.store import ConfigStore, ConfigurationUnknown
from webhooks import journal
from webhooks.endpoints import DEFAULT, Endpoint, described_endpoint
from webhooks.holds import fault_in_force, hold_in_force, limits
from webhooks.models import EndpointState
from webhooks.pause import Pause

NOT_LISTED = _("this endpoint is not listed in webhook_config: add it, or cancel what waits")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """endpoint None: it cannot be used as it is described, and pause says why. state is what the
    tries at its address have told, None for nothing. troubled: its next success, or the next claim,
    changes something of that. pause is what holds its deliveries now, fault what somebody has to
    mend although another pause outranks it."""

    name: str
    endpoint: Endpoint | None
    state: EndpointState | None = None
    troubled: bool = True
    pause: Pause | None
    fault: Pause | None


def destinations(
    store: ConfigStore, zone: ZoneInfo, now: datetime, waiting: Collection[str] = ()
) -> list[Destination]:
    """All that are listed, and those that have left the list with deliveries waiting: waiting
    names the endpoints that have any.

    Raises ConfigurationUnknown if the default endpoint or the preferences are; another endpoint
    that is unknown holds its own deliveries alone.
    """
    names = endpoint_names(store)
    prefs = store.get(ProcessingPrefs)
    states = journal.endpoint_states()
    over = limits(prefs.rate_limit_per_hour, now)
    left = sorted({*waiting} - {*names})
    return [
        *(
            _destination(store, name, prefs, states.get(name), over.get(name), zone, now)
            for name in names
        ),
        *(_held(name, NOT_LISTED, logging.WARNING) for name in left),
    ]


def _destination(
    store: ConfigStore,
    name: str,
    prefs: ProcessingPrefs,
    state: EndpointState | None,
    limit: Pause | None,
    zone: ZoneInfo,
    now: datetime,
) -> Destination:
    try:
        config = store.get(WebhookConfig, endpoint_document(name))
        endpoint = described_endpoint(config, prefs, name)
    except (ConfigurationUnknown, SecretUnreadable) as exc:
        if name == DEFAULT and isinstance(exc, ConfigurationUnknown):
            raise
        return _held(name, f"its settings cannot be used: {exc}", logging.ERROR)
    known = state if endpoint and state and state.fingerprint == endpoint.fingerprint else None
    return Destination(
        name=name,
        endpoint=endpoint,
        state=known,
        troubled=state is not None and (known is None or known.is_troubled),
        pause=hold_in_force(config, known, limit, zone, now),
        fault=fault_in_force(config, known),
    )


def _held(name: str, reason: str, urgency: int) -> Destination:
    pause = Pause(reason=reason, until=None, urgency=urgency)
    return Destination(name=name, endpoint=None, pause=pause, fault=pause)
