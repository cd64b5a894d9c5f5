"""The critical parts of the service, and how each is."""

from __future__ import annotations

from render_signal.health.configuration import configuration
from render_signal.health.deliveries import delivery_parts
from render_signal.health.locks import lock_parts
from render_signal.health.mailboxes import known_mailboxes, mailbox_parts
from render_signal.health.probing import probed
from render_signal.health.routing import routing_parts
from render_signal.health.stores import database, redis
from render_signal.parts import Part


def parts() -> dict[str, Part]:
    """Each critical part by its name, and how it is. No secrets; sentences are English, for
    configstore.wording to translate."""
    found = {
        "database": probed(database),
        "redis": probed(redis),
        "configuration": probed(configuration),
    }
    names = known_mailboxes()
    found |= lock_parts(names) | mailbox_parts(names)
    return found | delivery_parts() | routing_parts()
