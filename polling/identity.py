"""The name of a mail that stays the same wherever and whenever it is met."""

from __future__ import annotations

import hashlib

from polling.accounts import Account
from polling.mail import Body, Overview


def message_id(account: Account, mail: Overview, body: Body) -> str:
    """A pure function of the mail, so that nothing needs to be remembered to recognise it:
    not after the loss of our disk, nor after the server has renumbered its UIDs.

    Message-ID alone will not do: it may be missing, and some senders use one twice. Where it
    or the date is missing, the time of arrival tells two mails of the same text apart.
    """
    header = mail.header
    parts = [account.user.lower(), header.message_id, header.date, header.sender, header.subject]
    if not (header.message_id and header.date) and mail.received_at is not None:
        parts.append(str(int(mail.received_at.timestamp())))
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace"))
    digest.update(body.digest)
    return digest.hexdigest()[:40]
