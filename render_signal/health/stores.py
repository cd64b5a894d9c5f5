"""What /health says of the database and of Redis."""

from __future__ import annotations

from polling.holders import PROBE_SECONDS
from polling.models import MailboxState
from render_signal.parts import DEGRADED, OK, Part
from runtime.redis import REDIS_ERRORS, redis_client


def database() -> Part:
    MailboxState.objects.exists()
    return {"status": OK}


def redis() -> Part:
    client = redis_client(PROBE_SECONDS)
    if client is None:
        return {"status": OK, "detail": "not used: REDIS_URL is not set"}
    try:
        client.ping()
    except REDIS_ERRORS as exc:
        return {"status": DEGRADED, "detail": f"cannot be reached ({type(exc).__name__})"}
    return {"status": OK}
