"""What /health says of deliveries."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigurationUnknown
from polling.admission import held_back_sentence
from polling.models import KnownTerm
from render_signal.parts import DEGRADED, OK, Part, part_name
from webhooks import journal
from webhooks.destinations import Destination, destinations
from webhooks.endpoints import DEFAULT
from webhooks.pause import sentence

DELIVERY_OVERDUE = timedelta(minutes=15)


def delivery_parts() -> dict[str, Part]:
    """All deliveries, with what holds the default endpoint; and a part for each further one."""
    waiting = journal.waiting_by_endpoint()
    part: Part = {
        "status": OK,
        "waiting": sum(count for count, _ in waiting.values()),
        "dead": journal.dead_count(),
    }
    parts = {"deliveries": part}
    if oldest := journal.oldest_waiting():
        part["oldest_waiting_seconds"] = _seconds_since(oldest)
        part["endpoint"] = journal.endpoint_trouble(DEFAULT)
    held_back = _held_back()
    store = config_store()
    try:
        zone = ZoneInfo(store.get(PollingConfig).timezone)
        found = destinations(store, zone, timezone.now(), waiting)
    except ConfigurationUnknown:  # told by its own part
        found = []
    for each in found:
        count, since = waiting.get(each.name, (0, None))
        told = _state(each, since) | _holds(each, zone, count)
        if each.name != DEFAULT:
            parts[part_name("deliveries", each.name)] = {"status": OK, "waiting": count} | told
        elif not held_back:
            part |= told
    if held_back:
        part |= {"status": DEGRADED, "detail": "; ".join(held_back)}
    return parts


def _state(destination: Destination, waiting_since: datetime | None) -> Part:
    """What the last tries told, and whether anything waits for too long. What a pause holds on
    purpose may."""
    part: Part = {}
    meant = destination.pause is not None and destination.fault is None
    if waiting_since and timezone.now() - waiting_since > DELIVERY_OVERDUE and not meant:
        part["status"] = DEGRADED
    state = destination.state
    if state is not None and state.failing_since is not None:
        part |= {
            "status": DEGRADED,
            "endpoint": state.last_error,
            "failing_seconds": _seconds_since(state.failing_since),
            "detail": f"the endpoint is failing: {state.last_error}",
        }
    return part


def _holds(destination: Destination, zone: ZoneInfo, waiting: int) -> Part:
    """What keeps deliveries waiting or may be read by others, and whether somebody has to act."""
    endpoint, fault = destination.endpoint, destination.fault
    part: Part = {"certificate": endpoint.unchecked} if endpoint and endpoint.unchecked else {}
    if fault:
        urgent = fault.urgency >= (logging.WARNING if waiting else logging.ERROR)
        return part | {"detail": fault.reason} | ({"status": DEGRADED} if urgent else {})
    pause = destination.pause
    return part | ({"detail": sentence(pause, zone)} if pause else {})


def _seconds_since(moment: datetime) -> int:
    return round((timezone.now() - moment).total_seconds())


def _held_back() -> list[str]:
    names = KnownTerm.objects.filter(held_back=True).values_list("mailbox", flat=True)
    counts = {name: journal.open_count(name) for name in names}
    return [held_back_sentence(name, count) for name, count in counts.items() if count]
