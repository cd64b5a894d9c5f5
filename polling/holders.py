"""Who holds the locks of which mailboxes since when, for people to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from polling.lock import FileLock, redis_key
from polling.lock_value import is_dead, process_of, public_fields, value_text
from polling.roster import Roster
from runtime.redis import REDIS_ERRORS, redis_client

PROBE_SECONDS = 0.8


@dataclass(frozen=True)
class Holder:
    """kind: where the lock is, "Redis" or "file"; it should be in Redis. fields: pid, host and
    since; none if nobody holds it. process tells it from all others; dead is only what is
    certain."""

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    degraded: bool = False
    process: str = ""
    dead: bool = False

    @property
    def unknown(self) -> bool:
        """Redis cannot be asked, and on this machine nobody holds the file."""
        return self.degraded and not self.fields


def holders(mailboxes: Sequence[str]) -> dict[str, Holder]:
    """All are asked for at once: a Redis that says nothing keeps us waiting once."""
    client = redis_client(PROBE_SECONDS)
    if client is None:
        return {name: _in_file(name) for name in mailboxes}
    try:
        values = client.mget([redis_key(name) for name in mailboxes])
    except REDIS_ERRORS:
        return holders_without_redis(mailboxes)
    return {
        name: _in_redis(value_text(value)) for name, value in zip(mailboxes, values, strict=True)
    }


def holders_without_redis(mailboxes: Sequence[str]) -> dict[str, Holder]:
    """What this machine knows, for who has just seen that Redis is away."""
    return {name: _in_file(name, degraded=True) for name in mailboxes}


def pollers_at_work(held: Mapping[str, Holder]) -> int | None:
    """How many processes have signed in with Redis, None while it cannot be asked; without one,
    those of this machine that hold anything."""
    client = redis_client(PROBE_SECONDS)
    if client is None:
        return len({holder.fields["pid"] for holder in held.values() if holder.fields})
    if any(holder.degraded for holder in held.values()):
        return None
    try:
        return len(Roster(client).signed_in())
    except REDIS_ERRORS:
        return None


def _in_redis(value: str) -> Holder:
    process = process_of(value) if value else ""
    return Holder("Redis", public_fields(value), process=process, dead=is_dead(value))


def _in_file(mailbox: str, degraded: bool = False) -> Holder:
    fields = FileLock(settings.BG_POLLER_LOCK_FILE, mailbox).holder()
    return Holder("file", fields, degraded)
