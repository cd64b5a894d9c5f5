"""How an accepted try is written down: what happens for each delivery, in two statements.

They are SQL, for to have them written each time takes several times as long as the database does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from runtime.sql_values import moment, uuid_value
from webhooks.models import Outcome, State
from webhooks.outbox import Claim

_DELIVERED = """
    UPDATE webhooks_delivery
    SET state = %s, settled_at = %s, reason = '', token = NULL, lease_until = NULL
    WHERE id IN ({ids}) AND state IN (%s, %s) AND settled_at IS NULL
    RETURNING id
"""
_ATTEMPTS_ENDED = """
    UPDATE webhooks_attempt
    SET outcome = %s, error = '',
        ended_at = tried.column3, status = tried.column4, answer = tried.column5
    FROM (VALUES {rows}) AS tried
    WHERE delivery_id = tried.column1 AND token = tried.column2
"""
_ROW = {
    "sqlite": "(%s, %s, %s, %s, %s)",
    "postgresql": "(%s::bigint, %s::uuid, %s::timestamptz, %s::integer, %s::text)",
}


def note_delivered(claims: Sequence[Claim], now: datetime) -> set[Claim]:
    """Those whose deliveries were not settled yet, and are now; also where somebody else has the
    claim by now, who need not send it again."""
    if not claims:
        return set()
    marks = ", ".join(["%s"] * len(claims))
    with connection.cursor() as cursor:
        cursor.execute(
            _DELIVERED.format(ids=marks),
            [
                State.DELIVERED.value,
                moment(now),
                *(claim.delivery_id for claim in claims),
                State.SENDING.value,
                State.RETRY.value,
            ],
        )
        ours = {row[0] for row in cursor.fetchall()}
    return {claim for claim in claims if claim.delivery_id in ours}


def close_attempts(ended: Sequence[tuple[Claim, int | None, str, datetime]]) -> None:
    """With these statuses and answers, at these times."""
    if not ended:
        return
    parameters: list[Any] = [Outcome.DELIVERED.value]
    for claim, status, answer, at in ended:
        parameters += claim.delivery_id, uuid_value(claim.token), moment(at), status, answer
    rows = ", ".join([_ROW[connection.vendor]] * len(ended))
    with connection.cursor() as cursor:
        cursor.execute(_ATTEMPTS_ENDED.format(rows=rows), parameters)
