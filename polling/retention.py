"""How long the journal keeps what is settled: as long as is set, and always as long as something
relies on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q

from configstore.documents import PollingConfig, ProcessingPrefs, mailbox_document
from configstore.naming import mailbox_names
from configstore.store import ConfigStore
from polling.accounts import NotSetUp, find_account
from polling.custody import OVERLAP
from polling.groups import span
from polling.models import MailboxState, MailState
from polling.reconciliation import TAIL

# Searches by date know days, not hours, in the time zone of the server.
MARGIN = timedelta(days=3)
# Failed and quarantined ones are not settled, and relayed ones are not marked yet.
PRUNABLE = (MailState.SETTLED, MailState.IGNORED, MailState.GONE)


@dataclass(frozen=True, kw_only=True)
class Retention:
    """keep is for how long; needed is how long at least, whatever is set. served are the
    identities of the mailboxes that are read."""

    keep: timedelta
    needed: timedelta
    served: frozenset[str]


def retention(store: ConfigStore) -> Retention | None:
    """None: everything is kept. Raises ConfigurationUnknown."""
    days = store.get(ProcessingPrefs).journal_days
    least = needed(store)
    if not days:
        return None
    return Retention(
        keep=max(timedelta(days=days), least), needed=least, served=frozenset(_served(store))
    )


def needed(store: ConfigStore) -> timedelta:
    """A mailbox that is read anew shows mails as old as that, and what tells that they are
    settled may be nothing but the journal; they are compared with others of their subject group,
    which may be older still. Raises ConfigurationUnknown."""
    configs = [store.get(PollingConfig, mailbox_document(name)) for name in mailbox_names(store)]
    groups = [span(config) for config in configs if config.enable_subject_group_dedup]
    days = timedelta(days=settings.MAILBOX_CATCH_UP_DAYS)
    return days + max(groups, default=timedelta(0)) + MARGIN


def prunable(mailbox: MailboxState, rule: Retention, now: datetime) -> tuple[Q, datetime] | None:
    """Which mails of the mailbox may go, and the moment before which all about them must have
    ended. None while it is not known where the mailbox stands."""
    newest = mailbox.mails.aggregate(at=Max("seen_at"))["at"]
    if mailbox.last_uid is None or newest is None:
        return None
    # What came while nobody looked is still to be compared with what was there before.
    looked = mailbox.searched_at if mailbox.identity in rule.served else None
    # A mailbox whose marks are lost is read from its last known mail on.
    before = min(min(now, looked or now) - rule.keep, newest - OVERLAP - MARGIN)
    dated = Q(received_at__lt=before) | Q(received_at=None, state=MailState.GONE)
    ended = Q(settled_at=None) | Q(settled_at__lt=before)
    return dated & ended & _below_tail(mailbox) & Q(seen_at__lt=before), before


def _below_tail(mailbox: MailboxState) -> Q:
    """The last mails of the folder are compared with their rows again and again."""
    numbered = mailbox.mails.filter(uidvalidity=mailbox.uidvalidity).order_by("-uid")
    tail = list(numbered.values_list("uid", flat=True)[TAIL - 1 : TAIL])
    former = ~Q(uidvalidity=mailbox.uidvalidity)
    if not tail:
        return former
    return former | Q(uid__lt=min(tail[0], (mailbox.last_uid or 0) + 1))


def _served(store: ConfigStore) -> set[str]:
    found = set()
    for name in mailbox_names(store):
        try:
            found.add(find_account(store, name).identity)
        except NotSetUp:
            continue
    return found
