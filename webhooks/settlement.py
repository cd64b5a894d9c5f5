"""What a finished try does to its delivery and its endpoint."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from runtime.faults import fault
from webhooks.accepted import close_attempts, note_delivered
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.metrics import ATTEMPTS, LAG_SECONDS, SETTLED
from webhooks.models import Attempt, Delivery, EndpointState, Outcome, State
from webhooks.outages import endpoint_state, judge, outage_seconds
from webhooks.outbox import Claim
from webhooks.retry import next_delay

GIVEN_UP = "given up after the last retry: "


class Finished(NamedTuple):
    """A try that has ended."""

    claim: Claim
    endpoint: Endpoint
    result: Result
    at: datetime


def settle(
    finished: Sequence[Finished],
    delays: Sequence[float],
    rng: random.Random,
    untroubled: Collection[str] = (),
) -> set[str]:
    """Write down how these tries ended. The ids of the messages that are settled by it.

    A try whose claim has passed to somebody else meanwhile changes nothing but its own row, unless
    it was accepted: then nobody need send it again.
    untroubled: endpoints that a moment ago were seen without failures; a success there changes
    nothing of that.
    """
    done, dead = set(), set()
    judged: dict[tuple[str, str], list[tuple[Endpoint, Result, datetime]]] = defaultdict(list)
    with transaction.atomic():
        states = {name: endpoint_state(name) for name in _concerned(finished, untroubled)}
        ours = _delivered(finished) | _ours(
            [item for item in finished if not item.result.delivered]
        )
        _close_attempts(finished, ours)
        for claim, endpoint, result, now in finished:
            if claim not in ours:
                continue
            if endpoint.id in states:
                judged[endpoint.id, endpoint.fingerprint].append((endpoint, result, now))
            if result.delivered:
                done.add(claim.message_id)
                continue
            outage = outage_seconds(states[endpoint.id], endpoint, now)
            changes = _changes(claim, result, delays, rng, now, outage)
            _rows(claim.delivery_id).update(token=None, lease_until=None, **changes)
            if changes["state"] == State.DEAD:
                done.add(claim.message_id)
                dead.add(claim)
        for results in judged.values():
            endpoint = results[0][0]
            state = states[endpoint.id] or EndpointState(
                endpoint=endpoint.id, fingerprint=endpoint.fingerprint
            )
            judge(state, endpoint, [(result, now) for _, result, now in results])
            states[endpoint.id] = state if state.pk else None
        fault("delivery.settling")
    _count(finished, ours, dead)
    return done


def _count(finished: Sequence[Finished], ours: Collection[Claim], dead: Collection[Claim]) -> None:
    for claim, endpoint, result, now in finished:
        outcome = _outcome(result) if claim in ours else Outcome.LATE
        ATTEMPTS.add(endpoint=endpoint.id, outcome=outcome.value)
        if claim in dead:
            SETTLED.add(endpoint=endpoint.id, state=State.DEAD.value)
        if outcome != Outcome.DELIVERED:
            continue
        SETTLED.add(endpoint=endpoint.id, state=State.DELIVERED.value)
        if claim.received_at is not None:
            lag = (now - claim.received_at).total_seconds()
            LAG_SECONDS.observe(max(0.0, lag), endpoint=endpoint.id)


def _delivered(finished: Sequence[Finished]) -> set[Claim]:
    """Of the accepted tries those whose delivery was not settled yet: it is now."""
    accepted = [item for item in finished if item.result.delivered]
    if not accepted:
        return set()
    return note_delivered([item.claim for item in accepted], accepted[-1].at)


def _ours(finished: Sequence[Finished]) -> set[Claim]:
    """The claims that nobody else has by now; their deliveries are locked."""
    if not finished:
        return set()
    rows = _rows(*(item.claim.delivery_id for item in finished)).filter(state=State.SENDING)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    tokens = dict(rows.values_list("pk", "token"))
    return {
        item.claim for item in finished if tokens.get(item.claim.delivery_id) == item.claim.token
    }


def _rows(*ids: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=ids)


def _concerned(finished: Sequence[Finished], untroubled: Collection[str]) -> set[str]:
    """The endpoints of whose state these tries may change something."""
    return {
        endpoint.id
        for _, endpoint, result, _ in finished
        if not result.delivered or endpoint.id not in untroubled
    }


def _changes(
    claim: Claim,
    result: Result,
    delays: Sequence[float],
    rng: random.Random,
    now: datetime,
    outage: float | None,
) -> dict[str, object]:
    if result.permanent:
        return {"state": State.DEAD, "settled_at": now, "reason": result.error[:500]}
    if result.cut or result.gone:
        return {"state": State.RETRY, "due_at": now, "reason": result.error[:500]}
    mark = outage if claim.outage_mark is None else claim.outage_mark
    if claim.probe:
        failed_for = 0.0 if outage is None or mark is None else outage - mark
        return _after_probe(claim, result, delays, now, failed_for) | {"outage_mark": mark}
    failures = claim.failures + 1
    delay = next_delay(failures, delays, result.retry_after, rng)
    if delay is None:
        return _given_up(result, failures, now)
    return {
        "state": State.RETRY,
        "failures": failures,
        "outage_mark": mark,
        "due_at": now + timedelta(seconds=delay),
        "reason": result.error[:500],
    }


def _after_probe(
    claim: Claim, result: Result, delays: Sequence[float], now: datetime, failed_for: float
) -> dict[str, object]:
    """A probe asks after the endpoint, so it does not use up the delivery's own tries; but when
    the endpoint has failed for as long as those would have taken, it is the last one."""
    if failed_for > sum(delays):
        return _given_up(result, claim.failures, now)
    return {"state": State.RETRY, "due_at": now, "reason": result.error[:500]}


def _given_up(result: Result, failures: int, now: datetime) -> dict[str, object]:
    reason = f"{GIVEN_UP}{result.error}"
    return {
        "state": State.DEAD,
        "failures": failures,
        "settled_at": now,
        "reason": reason[:500],
    }


def _close_attempts(finished: Sequence[Finished], ours: Collection[Claim]) -> None:
    close_attempts(
        [
            (claim, result.status, result.answer, now)
            for claim, _, result, now in finished
            if claim in ours and result.delivered
        ]
    )
    for claim, _, result, now in finished:
        if claim in ours and result.delivered:
            continue
        Attempt.objects.filter(delivery_id=claim.delivery_id, token=claim.token).update(
            ended_at=now,
            outcome=_outcome(result) if claim in ours else Outcome.LATE,
            status=result.status,
            error=result.error[:500],
            answer=result.answer,
        )


def _outcome(result: Result) -> Outcome:
    if result.cut:
        return Outcome.UNKNOWN
    return Outcome.DELIVERED if result.delivered else Outcome.FAILED
