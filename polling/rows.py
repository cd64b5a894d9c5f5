"""What is written down of a mail, by what becomes of it."""

from __future__ import annotations

import logging
from datetime import datetime

from polling.mail import Overview
from polling.mail_words import words_of
from polling.metrics import IGNORED, RELAYED, SEEN
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason, subject_group

logger = logging.getLogger(__name__)


def gone(mailbox: MailboxState, uid: int, now: datetime) -> Mail:
    return _row(mailbox, uid, now, state=MailState.GONE)


def ignored(mailbox: MailboxState, mail: Overview, reason: Reason, now: datetime) -> Mail:
    return _described(mailbox, mail, now, state=MailState.IGNORED, reason=reason)


def relayed(mailbox: MailboxState, mail: Overview, now: datetime, message_id: str) -> Mail:
    return _described(
        mailbox,
        mail,
        now,
        state=MailState.RELAYED,
        message_id=message_id,
        subject_group=subject_group(mail.header.subject),
    )


def settled_elsewhere(mailbox: MailboxState, mail: Overview, now: datetime) -> Mail:
    """By a poller with a database of its own, while the mailbox was not ours. Its subject group
    has had its mail."""
    return _described(
        mailbox,
        mail,
        now,
        state=MailState.SETTLED,
        settled_at=now,
        subject_group=subject_group(mail.header.subject),
    )


def count(mailbox: MailboxState, row: Mail) -> None:
    SEEN.add(mailbox=mailbox.name)
    if row.state == MailState.RELAYED:
        RELAYED.add(mailbox=mailbox.name)
    elif row.state == MailState.IGNORED:
        IGNORED.add(mailbox=mailbox.name, reason=row.reason)


def tell(mailbox: MailboxState, row: Mail) -> None:
    """It is written down."""
    count(mailbox, row)
    if row.state == MailState.IGNORED:
        logger.info("Ignored mail uid=%d mailbox=%s reason=%s", row.uid, mailbox.name, row.reason)
        return
    logger.info(
        "Mail uid=%d mailbox=%s state=%s message_id=%s",
        row.uid,
        mailbox.name,
        row.state,
        row.message_id,
    )


def _described(mailbox: MailboxState, mail: Overview, now: datetime, **fields: object) -> Mail:
    return _row(
        mailbox,
        mail.uid,
        now,
        subject=mail.header.subject[:1000],
        sender_email=mail.header.sender_email[:500],
        words=words_of(mail.header.subject[:1000], mail.header.sender_email[:500]),
        size=mail.size,
        received_at=mail.received_at,
        **fields,
    )


def _row(mailbox: MailboxState, uid: int, now: datetime, **fields: object) -> Mail:
    return Mail(mailbox=mailbox, uidvalidity=mailbox.uidvalidity, uid=uid, seen_at=now, **fields)
