"""An endpoint: its name, its certificate, and what it answers to a signed test."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import (
    PollingConfig,
    ProcessingPrefs,
    WebhookConfig,
    endpoint_document,
)
from configstore.secrets import SecretUnreadable
from configstore.store import ConfigStore
from configstore.wording import translated
from render_signal.doctor import clock
from render_signal.doctor.certificate import ending
from render_signal.doctor.finding import Finding, Level, green, red, sentence, yellow
from webhooks.client import Result
from webhooks.destinations import destinations
from webhooks.egress import EgressRefused
from webhooks.endpoints import Endpoint, described_endpoint
from webhooks.pause import NO_URL, Pause
from webhooks.probe import Trial, send_sample
from webhooks.reach import Unreachable, reach

REACH_SECONDS, ANSWER_SECONDS = 3.0, 6.0


def endpoint(name: str, send: bool) -> Iterator[Finding]:
    store = config_store()
    config = store.get(WebhookConfig, endpoint_document(name))
    try:
        described = described_endpoint(config, store.get(ProcessingPrefs), name)
    except SecretUnreadable as exc:
        yield red(sentence(translated(str(exc))), _("Enter it again on the page of the endpoint."))
        return
    if described is None:
        yield red(sentence(translated(NO_URL)), _("Enter one, or set WEBHOOK_URL."))
        return
    reached = list(_reached(described))
    yield from reached
    if any(finding.level is Level.RED for finding in reached):
        return
    if send:
        yield from _sent(described, config)
    else:
        yield green(_("No test was sent, as was asked for."))
    yield from _standing(store, name)


def _standing(store: ConfigStore, name: str) -> Iterator[Finding]:
    """What holds its deliveries, and who has to act on it. Needs the database."""
    zone = ZoneInfo(store.get(PollingConfig).timezone)
    for found in destinations(store, zone, timezone.now()):
        if found.name != name:
            continue
        if found.fault:
            level = red if found.fault.urgency >= logging.ERROR else yellow
            yield level(
                _("Its deliveries wait: %(reason)s.") % {"reason": translated(found.fault.reason)},
                _("Mend what it says, then resume the endpoint in the admin."),
            )
        elif found.pause:
            yield _held(found.pause, zone)


def _held(pause: Pause, zone: ZoneInfo) -> Finding:
    """Somebody asked for it; nothing is lost by it."""
    facts = {"reason": translated(pause.reason), "moment": _moment(pause.until, zone)}
    if pause.until is None:
        return yellow(
            _("Its deliveries are held: %(reason)s.") % facts,
            _("Switch sending on again in the admin when it is time."),
        )
    return green(_("Its deliveries are held until %(moment)s: %(reason)s.") % facts)


def _moment(until: datetime | None, zone: ZoneInfo) -> str:
    return f"{until.astimezone(zone):%Y-%m-%d %H:%M}" if until else ""


def _reached(endpoint: Endpoint) -> Iterator[Finding]:
    host = {"host": endpoint.host}
    if endpoint.unchecked:
        yield yellow(
            _("The certificate of %(host)s is not checked (webhook_ssl_verify is off).") % host,
            _("Have a good certificate there, and switch webhook_ssl_verify on."),
        )
    try:
        found = reach(endpoint, REACH_SECONDS)
    except EgressRefused as exc:
        yield red(
            _("The address cannot be used: %(reason)s.") % {"reason": translated(str(exc))},
            _("Correct it, or allow the network in EGRESS_ALLOWED_CIDRS if that is intended."),
        )
    except Unreachable as exc:
        yield red(
            _("%(host)s cannot be reached: %(reason)s.")
            % (host | {"reason": translated(str(exc))}),
            _("Correct the address, or look at the receiver; deliveries are tried again."),
        )
    else:
        yield green(
            _("%(host)s is at %(address)s and takes connections.")
            % (host | {"address": found.address})
        )
        if found.certificate_ends:
            yield ending(endpoint.host, found.certificate_ends)


def _sent(endpoint: Endpoint, config: WebhookConfig) -> Iterator[Finding]:
    patience = min(endpoint.deadline_seconds, ANSWER_SECONDS)
    begun = time.time()
    trial = send_sample(dataclasses.replace(endpoint, deadline_seconds=patience), config)
    yield _came_of_it(endpoint, trial, patience)
    yield from clock.receiver(endpoint.host, trial.result.said_at, begun, time.time())


def _came_of_it(endpoint: Endpoint, trial: Trial, patience: float) -> Finding:
    result = trial.result
    facts = {"host": endpoint.host, "ms": trial.milliseconds, "error": translated(result.error)}
    if result.delivered:
        return green(_("%(host)s took the signed test in %(ms)d ms.") % facts)
    refused = _("%(host)s did not take the signed test: %(error)s.") % facts
    if result.status is None and patience < endpoint.deadline_seconds:
        return yellow(refused, _("It may be slow: look how long it takes for a webhook."))
    return red(refused, _advice(result))


def _advice(result: Result) -> str:
    if result.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return _("Copy the address from the receiver again; the scenario may be switched off.")
    if result.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _("Check the header with its key, and the secret that it verifies signatures with.")
    if result.status is not None:
        return _("Look into the log of the receiver.")
    return _("Look at the receiver; deliveries are tried again for three days.")
