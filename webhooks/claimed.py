"""How a claim is written down: what happens for each delivery, in two statements.

They are SQL, for to have them written each time takes several times as long as the database does.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from runtime.sql_values import moment, uuid_value
from webhooks.models import Outcome, State

_CLAIMED = """
    UPDATE webhooks_delivery
    SET state = %s, token = %s, lease_until = %s, tried_at = %s, attempts = attempts + 1,
        offload = %s
    WHERE id IN ({ids})
"""
_ATTEMPTS_BEGUN = """
    INSERT INTO webhooks_attempt
        (delivery_id, number, token, started_at, outcome, error, answer)
    SELECT id, attempts, token, tried_at, %s, '', '' FROM webhooks_delivery WHERE id IN ({ids})
"""


def note_claimed(
    ids: Sequence[int], token: uuid.UUID, now: datetime, lease_until: datetime
) -> None:
    """Belongs into the transaction that has chosen them. Their tries are on record before the
    first byte leaves: a kill cannot hide them."""
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIMED.format(ids=marks),
            [
                State.SENDING.value,
                uuid_value(token),
                moment(lease_until),
                moment(now),
                False,
                *ids,
            ],
        )
        cursor.execute(_ATTEMPTS_BEGUN.format(ids=marks), [Outcome.UNKNOWN.value, *ids])
