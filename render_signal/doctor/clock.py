"""Whether our clock and those of others agree."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection
from django.utils.translation import gettext as _

from polling.admission import shared_database
from render_signal.doctor.finding import Finding, green, red, yellow
from runtime.redis import REDIS_ERRORS, redis_client

# Who works on the same deliveries must agree within the lease of one.
PEER_SECONDS, LEASE_SECONDS = 3.0, 10.0
# Receivers refuse a signature of another time: most of them one of five minutes ago.
RECEIVER_SECONDS, SIGNATURE_SECONDS = 60.0, 240.0


def clock() -> Iterator[Finding]:
    compared = [*_redis(), *_database()]
    yield from compared
    if not compared:
        yield green(_("There is no other clock to compare with."))


def _redis() -> Iterator[Finding]:
    client = redis_client()
    if client is None:
        return
    begun = time.time()
    try:
        seconds, microseconds = client.time()
    except REDIS_ERRORS:  # told by the examination of Redis
        return
    yield _peer("Redis", seconds + microseconds / 1_000_000, begun)


def _database() -> Iterator[Finding]:
    if not shared_database():
        return
    begun = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (theirs,) = cursor.fetchone()
    yield _peer(connection.display_name, float(theirs), begun)


def _peer(whose: str, theirs: float, begun: float) -> Finding:
    skew = difference(theirs, begun, time.time())
    facts = {"whose": whose, "seconds": skew}
    if skew < PEER_SECONDS:
        return green(_("Our clock and that of %(whose)s agree.") % facts)
    sentence = _("Our clock and that of %(whose)s differ by %(seconds).0f s.") % facts
    advice = _("Set both by NTP: several containers must agree on the time.")
    return (yellow if skew < LEASE_SECONDS else red)(sentence, advice)


def receiver(host: str, said_at: datetime | None, begun: float, ended: float) -> Iterator[Finding]:
    """Of an answer, which says the time in whole seconds. Nothing where that is right."""
    if said_at is None:
        return
    skew = difference(said_at.astimezone(UTC).timestamp(), begun - 1, ended)
    if skew < RECEIVER_SECONDS:
        return
    yield (yellow if skew < SIGNATURE_SECONDS else red)(
        _("Our clock and that of %(host)s differ by %(seconds).0f s.")
        % {"host": host, "seconds": skew},
        _("Set ours by NTP, or have theirs set: a signature counts for some minutes only."),
    )


def difference(theirs: float, begun: float, ended: float) -> float:
    """What the way there and back cannot explain; they looked at their clock on the way."""
    return max(0.0, begun - theirs, theirs - ended)
