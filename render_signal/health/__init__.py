"""The critical parts of the service, and how each is."""

from __future__ import annotations

from render_signal.health.configuration import configuration
from render_signal.health.deliveries import delivery_parts
from render_signal.health.locks import lock_parts
from render_signal.health.mailboxes import mailbox_parts
from render_signal.health.probing import Parts, Topic, asked, asked_in_time, silent
from render_signal.health.routing import routing_parts
from render_signal.health.stores import database, redis
from render_signal.parts import DATABASE_AWAY, DEGRADED, FAILED

DATABASE = Topic("database", lambda: {"database": database()}, silent(FAILED))
STORES = (
    DATABASE,
    Topic("redis", lambda: {"redis": redis()}, silent(DEGRADED)),
    Topic("configuration", lambda: {"configuration": configuration()}, silent(DEGRADED)),
)
# What reads the database.
WORK = (
    Topic("mailbox", mailbox_parts, silent(DEGRADED)),
    Topic("deliveries", delivery_parts, silent(DEGRADED)),
)
REST = (
    Topic("lock", lock_parts, silent(DEGRADED)),
    Topic("routing", routing_parts, silent(DEGRADED)),
)


def parts() -> Parts:
    """Each critical part by its name, and how it is. No secrets; what others SAID is not for
    everybody; sentences are English, for
    configstore.wording to translate. It may wait for what is away; parts_in_time() does not."""
    return asked((*STORES, *WORK, *REST))


def parts_in_time() -> Parts:
    """The same within two seconds, whatever hangs. A database that does not answer is not asked
    for more."""
    found = asked_in_time(STORES)
    if found["database"]["status"] == FAILED:
        return found | asked_in_time(REST) | {topic.about: DATABASE_AWAY for topic in WORK}
    return found | asked_in_time((*WORK, *REST))


def database_in_time() -> Parts:
    return asked_in_time((DATABASE,))
