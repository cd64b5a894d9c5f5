"""All examinations, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.declared import config_store
from configstore.naming import endpoint_names, mailbox_names
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import DEFAULT
from render_signal.doctor.alerts import alerts
from render_signal.doctor.clock import clock
from render_signal.doctor.configuration import configuration
from render_signal.doctor.database import containers, database
from render_signal.doctor.deliveries import deliveries, searches
from render_signal.doctor.endpoint import endpoint
from render_signal.doctor.finding import Examination, Run
from render_signal.doctor.lock import failover, lock
from render_signal.doctor.mailbox import mailbox
from render_signal.doctor.pollers import pollers
from render_signal.doctor.r2 import r2
from render_signal.doctor.redis import redis
from render_signal.doctor.secrets import secrets
from render_signal.doctor.settings import settings
from render_signal.doctor.static_files import static_files
from render_signal.doctor.versions import versions
from render_signal.parts import part_name

BEFORE = {
    "versions": (gettext_lazy("Versions"), versions),
    "settings": (gettext_lazy("Settings"), settings),
    "secrets": (gettext_lazy("Secrets"), secrets),
    "database": (gettext_lazy("Database"), database),
    "containers": (gettext_lazy("Containers"), containers),
    "redis": (gettext_lazy("Redis"), redis),
    "configuration": (gettext_lazy("Configuration"), configuration),
    "lock": (gettext_lazy("Lock"), lock),
    "failover": (gettext_lazy("Failover"), failover),
    "pollers": (gettext_lazy("Pollers"), pollers),
    "searches": (gettext_lazy("Searches"), searches),
}
AFTER = {
    "r2": (gettext_lazy("R2"), r2),
    "clock": (gettext_lazy("Clock"), clock),
    "deliveries": (gettext_lazy("Deliveries"), deliveries),
    "alerts": (gettext_lazy("Alerts"), alerts),
    "static": (gettext_lazy("Static files"), static_files),
}
SEVERAL = ("mailbox", "endpoint")
KINDS = (*BEFORE, *SEVERAL, *AFTER)


def examinations(send: bool, only: Collection[str] = ()) -> list[Examination]:
    """Those of these kinds, or all."""
    found = [*_plain(BEFORE), *_mailboxes(), *_endpoints(send), *_plain(AFTER)]
    return [each for each in found if not only or each.kind in only]


def _plain(table: Mapping[str, tuple[object, Run]]) -> Iterator[Examination]:
    for name, (title, run) in table.items():
        yield Examination(name=name, title=title, run=run)


def _mailboxes() -> Iterator[Examination]:
    for name in _names(mailbox_names):
        title = _("Mailbox %(name)s") % {"name": name}
        run = partial(mailbox, name)
        yield Examination(name=part_name("mailbox", name), title=title, run=run)


def _endpoints(send: bool) -> Iterator[Examination]:
    for name in _names(endpoint_names):
        title = _("Endpoint %(name)s") % {"name": name}
        run = partial(endpoint, name, send)
        yield Examination(name=part_name("endpoint", name), title=title, run=run)


def _names(listed: Callable[[ConfigStore], tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return listed(config_store())
    except ConfigurationUnknown:  # told by the examination of the configuration
        return (DEFAULT,)
