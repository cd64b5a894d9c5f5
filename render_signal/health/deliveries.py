"""What /health says of deliveries."""

from __future__ import annotations

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigurationUnknown
from polling.admission import held_back_sentence
from polling.models import KnownTerm
from render_signal.parts import DATABASE_AWAY, DEGRADED, OK, Part, part_name
from webhooks import journal
from webhooks.destinations import Destination, destinations
from webhooks.endpoints import DEFAULT
from webhooks.pause import sentence

DELIVERY_OVERDUE = timedelta(minutes=15)


def delivery_parts() -> dict[str, Part]:
    """All deliveries, with what holds the default endpoint; and a part for each further one."""
    try:
        return _deliveries()
    except DatabaseError:
        return {"deliveries": DATABASE_AWAY}


def _deliveries() -> dict[str, Part]:
    waiting = journal.waiting_count()
    part: Part = {"status": OK, "waiting": waiting, "dead": journal.dead_count()}
    parts = {"deliveries": part}
    oldest = journal.oldest_waiting()
    if oldest is not None:
        age = timezone.now() - oldest
        part["oldest_waiting_seconds"] = round(age.total_seconds())
        part["endpoint"] = journal.endpoint_trouble(DEFAULT)
        if age > DELIVERY_OVERDUE:
            part["status"] = DEGRADED
    if held_back := _held_back():
        part |= {"status": DEGRADED, "detail": "; ".join(held_back)}
    store = config_store()
    try:
        zone = ZoneInfo(store.get(PollingConfig).timezone)
        found = destinations(store, zone, timezone.now(), journal.waiting_endpoints())
    except ConfigurationUnknown:
        return parts  # told by its own part
    for each in found:
        if each.name != DEFAULT:
            parts[part_name("deliveries", each.name)] = _further(each, zone)
        elif not held_back:
            part |= _holds(each, zone, waiting)
    return parts


def _further(destination: Destination, zone: ZoneInfo) -> Part:
    waiting = journal.waiting_count(destination.name)
    part: Part = {"status": OK, "waiting": waiting}
    if trouble := journal.endpoint_trouble(destination.name):
        part["endpoint"] = trouble
    return part | _holds(destination, zone, waiting)


def _holds(destination: Destination, zone: ZoneInfo, waiting: int) -> Part:
    """What keeps deliveries waiting or may be read by others, and whether somebody has to act."""
    endpoint, fault = destination.endpoint, destination.fault
    part: Part = {"certificate": endpoint.unchecked} if endpoint and endpoint.unchecked else {}
    if fault:
        urgent = fault.urgency >= (logging.WARNING if waiting else logging.ERROR)
        return part | {"detail": fault.reason} | ({"status": DEGRADED} if urgent else {})
    pause = destination.pause
    return part | ({"detail": sentence(pause, zone)} if pause else {})


def _held_back() -> list[str]:
    names = KnownTerm.objects.filter(held_back=True).values_list("mailbox", flat=True)
    counts = {name: journal.open_count(name) for name in names}
    return [held_back_sentence(name, count) for name, count in counts.items() if count]
