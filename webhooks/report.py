"""What the log says of deliveries."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from runtime.log_context import log_context
from webhooks.destinations import Destination
from webhooks.endpoints import DEFAULT, Endpoint
from webhooks.models import WAITING, Delivery, EndpointState, State
from webhooks.pause import moment_in, sentence
from webhooks.retry import FAILURES_TO_OPEN
from webhooks.settlement import Finished

logger = logging.getLogger(__name__)


class Report:
    """Tells what has changed, once."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}
        self._unchecked: dict[str, str] = {}

    def destination(self, destination: Destination, zone: ZoneInfo) -> None:
        """What holds it, or has ceased to; and that its certificate is not checked."""
        if endpoint := destination.endpoint:
            self._certificate(endpoint)
        pause, name = destination.pause, destination.name
        held = "" if pause is None else sentence(pause, zone)
        if held == self._held.get(name, ""):
            return
        self._held[name] = held
        suffix = "" if name == DEFAULT else f" endpoint={name}"
        if pause is None:
            logger.info("Deliveries go out again%s", suffix)
        else:
            logger.log(pause.urgency, "%s%s", held, suffix)

    def _certificate(self, endpoint: Endpoint) -> None:
        unchecked = f"{endpoint.fingerprint} {endpoint.unchecked}" if endpoint.unchecked else ""
        if unchecked and unchecked != self._unchecked.get(endpoint.id):
            logger.warning("Deliveries can be read on their way: %s", endpoint.unchecked)
        self._unchecked[endpoint.id] = unchecked


def tell_delivered(accepted: Iterable[Finished]) -> None:
    for claim, endpoint, result, _ in accepted:
        with log_context(message_id=claim.message_id):
            logger.info(
                "Delivered webhook_id=%s endpoint=%s attempt=%d status=%s",
                claim.webhook_id,
                endpoint.id,
                claim.number,
                result.status,
            )


def tell_unfinished(left: Iterable[Delivery]) -> None:
    """By somebody who did not come back."""
    for row in left:
        with log_context(message_id=row.message_id):
            ids = row.webhook_id, row.endpoint
            logger.warning("Left unfinished, sent again webhook_id=%s endpoint=%s", *ids)


def tell_failures(failed: Sequence[Finished], zone: ZoneInfo) -> None:
    """And what comes next."""
    if not failed:
        return
    rows = Delivery.objects.defer("payload").in_bulk([item.claim.delivery_id for item in failed])
    states = {state.endpoint: state for state in EndpointState.objects.all()}
    for claim, endpoint, result, _ in failed:
        row = rows.get(claim.delivery_id)
        dead = row is not None and row.state == State.DEAD
        with log_context(message_id=claim.message_id):
            logger.log(
                logging.ERROR if dead else logging.WARNING,
                "%s webhook_id=%s endpoint=%s host=%s attempt=%d: %s; %s",
                "Given up" if dead else "Not delivered",
                claim.webhook_id,
                endpoint.id,
                endpoint.host,
                claim.number,
                result.error,
                _what_next(row, states.get(endpoint.id), zone),
            )


def _what_next(row: Delivery | None, state: EndpointState | None, zone: ZoneInfo) -> str:
    if row is not None and row.state == State.DEAD:
        return "it is dead, and can be sent again from the journal"
    if row is None or row.state not in WAITING:
        return "it is settled or sent elsewhere meanwhile"
    if state is not None and state.paused:
        return "it waits until the endpoint is resumed or has another address"
    if state is not None and state.failures >= FAILURES_TO_OPEN and state.probe_at:
        return f"it waits for the endpoint, next asked at {moment_in(zone, state.probe_at)}"
    return f"next try at {moment_in(zone, row.due_at)}"
