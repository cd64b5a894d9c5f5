"""Whether a mail whose date the server shows otherwise than before is still the same."""

from __future__ import annotations

from dataclasses import replace

from polling import fetch
from polling.identity import message_id
from polling.mail import Overview
from polling.models import Mail
from polling.session import Session


def is_same_mail(session: Session, row: Mail) -> bool:
    """What the row says of its UID, by all that is remembered of the mail but its date. Servers
    change the time zone of dates, or lose them in a restore. Raises MailboxTrouble."""
    overview = fetch.overviews(session, [row.uid]).get(row.uid)
    if overview is None or not _looks_alike(overview, row):
        return False
    if not row.message_id:
        return True
    body = fetch.bodies(session, [overview]).get(row.uid)
    if body is None:
        return False
    then = replace(overview, received_at=row.received_at)
    return message_id(session.account, then, body) == row.message_id


def _looks_alike(overview: Overview, row: Mail) -> bool:
    header = overview.header
    return (overview.size, header.subject[:1000], header.sender_email[:500]) == (
        row.size,
        row.subject,
        row.sender_email,
    )
