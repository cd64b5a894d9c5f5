"""How it stands at this moment, as families of metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from configstore.declared import config_store
from configstore.fields import DEFAULT_ENDPOINT
from configstore.naming import endpoint_names
from configstore.store import ConfigurationUnknown
from polling.accounts import NotSetUp, find_account
from polling.holders import holders, pollers_at_work
from polling.models import Mail, MailboxState, MailState
from render_signal.health.configuration import sources
from render_signal.health.mailboxes import known_mailboxes
from render_signal.metrics.totals import PREFIX
from webhooks import journal

Rows = Iterable[tuple[tuple[str, ...], float]]


class Found(NamedTuple):
    """What is known of a part; complete: all of it."""

    families: list[Metric]
    complete: bool = True


def names() -> dict[str, tuple[str, ...]]:
    """By the label that has them."""
    try:
        endpoints = endpoint_names(config_store())
    except ConfigurationUnknown:
        endpoints = (DEFAULT_ENDPOINT,)
    return {"mailbox": known_mailboxes(), "endpoint": endpoints}


def deliveries() -> list[Metric]:
    counts = journal.counts()
    now = timezone.now()
    waiting = journal.waiting_by_endpoint()
    return [
        _gauge(
            "deliveries",
            "Deliveries that are to be sent, under way or dead.",
            ("endpoint", "state"),
            (
                ((endpoint, state), count)
                for endpoint, states in counts.items()
                for state, count in states.items()
            ),
        ),
        _gauge(
            "deliveries_oldest_waiting_seconds",
            "How long the delivery that waits longest has been queued.",
            ("endpoint",),
            (
                ((endpoint,), (now - oldest).total_seconds())
                for endpoint, (_, oldest) in waiting.items()
            ),
        ),
    ]


def mailboxes() -> list[Metric]:
    rows = list(MailboxState.objects.filter(identity__in=_identities()))
    unread = Mail.objects.filter(state=MailState.QUARANTINED).values_list("mailbox")
    quarantined = dict(unread.annotate(Count("id")))
    return [
        _gauge(
            "mails_quarantined",
            "Mails that could not be read and wait for a person.",
            ("mailbox",),
            (((row.name,), quarantined.get(row.pk, 0)) for row in rows),
        ),
        _gauge(
            "mailbox_last_search_timestamp_seconds",
            "When the mailbox last answered a search.",
            ("mailbox",),
            (
                ((row.name,), row.searched_at.timestamp())
                for row in rows
                if row.searched_at is not None
            ),
        ),
    ]


def _identities() -> list[str]:
    """Of the accounts that are served now: a mailbox may have had another before."""
    found = []
    for name in known_mailboxes():
        try:
            found.append(find_account(config_store(), name).identity)
        except (ConfigurationUnknown, NotSetUp):
            continue
    return found


def locks() -> Found:
    """While Redis cannot be asked, what this machine holds is all that is known."""
    held = holders(known_mailboxes())
    at_work = pollers_at_work(held)
    families = [
        _gauge(
            "lock_held",
            "Whether a poller holds the lock of the mailbox, and where the lock is.",
            ("mailbox", "kind"),
            (
                ((name, holder.kind.lower()), 1.0 if holder.fields else 0.0)
                for name, holder in held.items()
                if not holder.unknown
            ),
        )
    ]
    if at_work is None:
        return Found(families, complete=False)
    return Found([*families, _gauge("pollers", "Poller processes at work.", (), [((), at_work)])])


def configuration() -> Found:
    return Found(
        [
            _gauge(
                "config_document_info",
                "Which store a document in force came from.",
                ("document", "source"),
                ((pair, 1.0) for pair in sources().items()),
            )
        ]
    )


def _gauge(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, about, labels=labels)
    for values, value in sorted(rows):
        family.add_metric(values, value)
    return family
