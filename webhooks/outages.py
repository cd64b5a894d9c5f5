"""What tries tell about their endpoint: how often it failed in a row, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from webhooks import suspension
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.models import WAITING, Delivery, EndpointState
from webhooks.retry import (
    FAILURES_TO_OPEN,
    FAILURES_TO_TELL,
    LONGEST_GAP,
    LONGEST_RETRY_AFTER,
    probe_delay,
)


def endpoint_state(endpoint_id: str) -> EndpointState | None:
    """Locked until the transaction ends; None if nothing is known."""
    rows = EndpointState.objects.filter(endpoint=endpoint_id)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return rows.first()


def outage_seconds(state: EndpointState | None, endpoint: Endpoint, now: datetime) -> float | None:
    """What outage_seconds are with a failure now. None: they are about another address."""
    if state is None:
        return 0.0
    if state.fingerprint != endpoint.fingerprint:
        return None
    gap = (now - state.failed_at).total_seconds() if state.failed_at else 0.0
    return (state.outage_seconds or 0.0) + min(max(gap, 0.0), LONGEST_GAP)


def judge(
    state: EndpointState, endpoint: Endpoint, results: Sequence[tuple[Result, datetime]]
) -> None:
    """Count the failures in a row; a success ends the row."""
    if state.fingerprint != endpoint.fingerprint:
        return  # what another address answered says nothing about this one
    was_told = state.failures >= FAILURES_TO_TELL
    had_trouble = state.is_troubled
    for result, now in results:
        if result.delivered:
            _forget_failures(state)
        elif result.refused:
            state.paused = suspension.refused(result.error)
        elif not (result.cut or result.permanent):
            state.outage_seconds = outage_seconds(state, endpoint, now)
            state.failed_at = now
            _count_failure(state, result, now)
    if had_trouble or state.is_troubled:
        state.save()
    if was_told and state.failures == 0:
        # What waited for this endpoint need not wait for its own retry any more.
        now = results[-1][1]
        Delivery.objects.filter(endpoint=endpoint.id, state__in=WAITING, due_at__gt=now).update(
            due_at=now
        )


def _forget_failures(state: EndpointState) -> None:
    state.failures = 0
    state.failing_since = None
    state.failed_at = None
    state.probe_at = None
    state.last_error = ""


def _count_failure(state: EndpointState, result: Result, now: datetime) -> None:
    state.failures += 1
    state.failing_since = state.failing_since or now
    state.last_error = result.error[:500]
    if state.failures >= FAILURES_TO_OPEN:
        asked = min(result.retry_after or 0.0, LONGEST_RETRY_AFTER)
        wait = max(probe_delay(state.failures), asked)
        state.probe_at = now + timedelta(seconds=wait)
    if result.gone:
        state.paused = suspension.gone()
