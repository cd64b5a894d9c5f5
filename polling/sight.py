"""What one look at a mailbox tells: one connection beside the poller's, closed at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from polling.accounts import Account
from polling.session import Session

LONGEST_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Sight:
    """certificate_ends None: the connection is in clear."""

    mails: int
    unread: int
    can_idle: bool
    keywords_allowed: bool
    certificate_ends: datetime | None


def look_at(account: Account, seconds: float = LONGEST_SECONDS) -> Sight:
    """No mail is touched. No phase of it takes longer than that. Raises MailboxTrouble."""
    session = Session(account, min(float(settings.IMAP_TIMEOUT_SECONDS), seconds))
    try:
        return Sight(
            mails=session.headcount.count,
            unread=len(session.search(["UNSEEN"])),
            can_idle=session.can_idle,
            keywords_allowed=session.keywords_allowed,
            certificate_ends=session.certificate_ends,
        )
    finally:
        session.close()
