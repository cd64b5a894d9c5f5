"""From whom the last mails of a mailbox are."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

from polling.accounts import Account
from polling.parser import parse_header
from polling.session import Session

LAST = 200
HEADER_BYTES = 1000
MOST = 12
LONGEST_SECONDS = 15.0


def recent_senders(account: Account) -> list[tuple[str, int]]:
    """Addresses and how many of the last mails are theirs, the most frequent first. On a
    connection of its own; the mails stay unread. Raises MailboxTrouble."""
    session = Session(account, min(float(settings.IMAP_TIMEOUT_SECONDS), LONGEST_SECONDS))
    try:
        uids = session.newest(LAST)
        item = "BODY.PEEK[HEADER.FIELDS (FROM)]"
        rows = session.fetch(uids, [item], HEADER_BYTES * len(uids)) if uids else {}
    finally:
        session.close()
    raws = (part for row in rows.values() for key, part in row.items() if b"BODY" in key)
    found = Counter(parse_header(raw).sender_email for raw in raws if isinstance(raw, bytes))
    return [(address, count) for address, count in found.most_common() if address][:MOST]
