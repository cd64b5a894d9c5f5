"""One mail for each subject group: which of them had theirs, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models.functions import Coalesce
from django.utils import timezone

from configstore.documents import PollingConfig
from polling import fetch, rows
from polling.chunks import chunks
from polling.custody import SETTLED
from polling.mail import Overview
from polling.models import Mail, MailboxState, MailState
from polling.selection import subject_group
from polling.session import Session

LONGEST_MONTH = timedelta(days=31)
# Newer ones are more likely to keep back what comes; their header fields are all that is read.
MAX_REMEMBERED = 1000


class RelayedGroups:
    """The mails relayed in the subject groups of some mails.

    A mail keeps others of its group back that arrived in the same calendar month, or within
    the TTL of it; never itself, under whatever UID it is met again.
    """

    def __init__(self, config: PollingConfig) -> None:
        self._config = config
        self._relayed: dict[str, list[tuple[datetime, str]]] = defaultdict(list)

    @classmethod
    def of(cls, mails: Iterable[Overview], config: PollingConfig, now: datetime) -> RelayedGroups:
        groups = cls(config)
        if config.enable_subject_group_dedup:
            groups._look_up(list(mails), now)
        return groups

    def add(self, group: str, arrived: datetime, message_id: str) -> None:
        self._relayed[group].append((arrived, message_id))

    def keep_back(self, group: str, arrived: datetime, message_id: str) -> bool:
        return any(
            same_window(self._config, arrived, other) and message_id != other_id
            for other, other_id in self._relayed[group]
        )

    def _look_up(self, mails: list[Overview], now: datetime) -> None:
        arrivals = [mail.received_at or now for mail in mails]
        found = (
            Mail.objects.filter(
                subject_group__in={group_of(mail) for mail in mails},
                state__in=[MailState.RELAYED, MailState.SETTLED],
            )
            .annotate(arrived=Coalesce("received_at", "seen_at"))
            .filter(arrived__gte=min(arrivals) - span(self._config))
        )
        for group, arrived, name in found.values_list("subject_group", "arrived", "message_id"):
            self.add(group, arrived, name)


def group_of(mail: Overview) -> str:
    return subject_group(mail.header.subject)


def same_window(config: PollingConfig, one: datetime, other: datetime) -> bool:
    """Whether two mails arrived in the same calendar month, or within the TTL if there is one."""
    if config.subject_group_ttl_seconds:
        return abs(one - other) < timedelta(seconds=config.subject_group_ttl_seconds)
    zone = ZoneInfo(config.timezone)
    months = {(at.year, at.month) for at in (one.astimezone(zone), other.astimezone(zone))}
    return len(months) == 1


def remember_settled(
    session: Session, mailbox: MailboxState, config: PollingConfig, days: int
) -> None:
    """Write into the journal which groups had their mail, if it was lost: from the mails that
    the mailbox says are settled. days is how far back mails are read."""
    if not (config.enable_subject_group_dedup and session.keywords_allowed):
        return
    now = timezone.now()
    since = (now - timedelta(days=days) - span(config)).date()
    settled = session.search(["KEYWORD", SETTLED, "SINCE", since])[-MAX_REMEMBERED:]
    known = Mail.objects.filter(mailbox=mailbox, uidvalidity=mailbox.uidvalidity)
    unknown = {*settled} - {*known.filter(uid__in=settled).values_list("uid", flat=True)}
    for batch in chunks(sorted(unknown), fetch.UIDS_PER_COMMAND):
        found = fetch.overviews(session, batch)
        Mail.objects.bulk_create(
            rows.settled_elsewhere(mailbox, mail, now) for mail in found.values() if mail
        )


def span(config: PollingConfig) -> timedelta:
    """How far apart mails of one window can be."""
    return timedelta(seconds=config.subject_group_ttl_seconds) or LONGEST_MONTH
