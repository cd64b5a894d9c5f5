"""Whether the user of REDIS_URL may do what pollers and pages do, tried on scratch keys."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from redis import Redis

from polling.lock import RedisLock, last_key
from polling.roster import Roster
from render_signal.doctor.finding import Finding, green, red
from runtime.redis import REDIS_ERRORS
from webhooks.receipts import receipt_key

SCRATCH_SECONDS = 10


class Refused(Exception):
    """It was not refused by an error, and yet did not work."""


def permissions(client: Redis) -> Finding:
    """Nothing of it stays, and no poller takes notice."""
    scratch = f"doctor-{secrets.token_hex(4)}"
    steps: dict[str, Callable[[Redis, str], None]] = {
        _("the lock"): _lock,
        _("the list of pollers"): _roster,
        _("what was delivered"): _receipt,
        _("sessions"): _session,
    }
    refused = {name: why for name, step in steps.items() if (why := _tried(step, client, scratch))}
    if not refused:
        return green(_("The lock can be taken, renewed and released, and all else written."))
    return red(
        _("Redis takes no keys of ours (%(why)s): %(names)s.")
        % {"why": ", ".join(sorted({*refused.values()})), "names": ", ".join(refused)},
        _(
            "Use a Redis that takes writes (no replica), and give the user of REDIS_URL the rights "
            "to all keys and to SET, GET, DEL, EVAL and sorted sets."
        ),
    )


def _tried(step: Callable[[Redis, str], None], client: Redis, scratch: str) -> str:
    try:
        step(client, scratch)
    except (*REDIS_ERRORS, Refused) as exc:
        return type(exc).__name__
    return ""


def _lock(client: Redis, scratch: str) -> None:
    """As a poller does it: SET NX, GET, EVAL, PEXPIRE and DEL."""
    lock = RedisLock(client, scratch, SCRATCH_SECONDS)
    try:
        if not (lock.acquire() and lock.renew()):
            raise Refused
        lock.release()
    finally:
        client.delete(last_key(scratch))


def _roster(client: Redis, scratch: str) -> None:
    key = f"{settings.REDIS_LOCK_KEY}_pollers:{scratch}"
    Roster(client, me=scratch, key=key).sign_in([scratch])
    client.delete(key)


def _receipt(client: Redis, scratch: str) -> None:
    key = receipt_key(scratch, scratch)
    client.set(key, 1, ex=SCRATCH_SECONDS)
    client.delete(key)


def _session(client: Redis, scratch: str) -> None:
    """The cache swallows errors: what it does not give back it has not taken."""
    cache.set(scratch, 1, SCRATCH_SECONDS)
    if cache.get(scratch) != 1:
        raise Refused
    cache.delete(scratch)
