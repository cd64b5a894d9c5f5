"""Mails that are not in the folder any more, because somebody moved them when they were settled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from polling import custody, fetch
from polling.chunks import chunks
from polling.errors import Kind, MailboxTrouble
from polling.models import Mail
from polling.session import Session

# Size, time of arrival, subject, sender: what a move leaves as it was (RFC 6851, 3.3).
Mark = tuple[int, datetime | None, str, str]
MARGIN = timedelta(days=1)


def settled_ones(session: Session, folder: str, mails: Collection[Mail]) -> set[int]:
    """Of these mails, the UIDs of those that stand in that folder and bear our mark there.

    Of several that are alike all or none: rather send one again than lose one. Looks on a
    connection of its own. Raises MailboxTrouble.
    """
    known: dict[Mark, list[int]] = defaultdict(list)
    for mail in mails:
        mark = (mail.size, mail.received_at, mail.subject, mail.sender_email)
        known[mark].append(mail.uid)
    since = min((mail.received_at for mail in mails if mail.received_at), default=None)
    if since is None:
        return set()
    try:
        there = replace(session.account, folder=folder)
        other = Session(there, session.timeout, session.beat)
    except MailboxTrouble as exc:
        if exc.kind is Kind.CONFIGURATION:  # there is no such folder yet
            return set()
        raise
    try:
        found = _marks(other, (since - MARGIN).date())
    finally:
        other.close()
    return {uid for mark, uids in known.items() if found[mark] >= len(uids) for uid in uids}


def _marks(session: Session, since: date) -> Counter[Mark]:
    found: Counter[Mark] = Counter()
    uids = session.search(["KEYWORD", custody.SETTLED, "SINCE", since])
    for batch in chunks(uids, fetch.UIDS_PER_COMMAND):
        for mail in filter(None, fetch.overviews(session, batch).values()):
            header = mail.header
            subject, sender = header.subject[:1000], header.sender_email[:500]
            found[mail.size, mail.received_at, subject, sender] += 1
    return found
