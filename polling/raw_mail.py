"""A mail as the server has it, byte by byte, for a person to look at."""

from __future__ import annotations

from django.conf import settings

from configstore.store import ConfigStore
from polling.accounts import find_account
from polling.models import Mail
from polling.session import Session

LONGEST_SECONDS = 20.0
LARGEST = 30_000_000


class NotThere(Exception):
    """The mail cannot be shown; the message says why."""


def raw_mail(store: ConfigStore, mail: Mail) -> bytes:
    """On a connection of its own, closed at once; the mail stays unread.

    At most LARGEST bytes. Raises NotThere, NotSetUp, MailboxTrouble, ConfigurationUnknown.
    """
    account = find_account(store, mail.mailbox.name)
    if account.identity != mail.mailbox.identity:
        raise NotThere("the mailbox of this name is another one by now")
    session = Session(account, min(float(settings.IMAP_TIMEOUT_SECONDS), LONGEST_SECONDS))
    try:
        if session.uidvalidity != mail.uidvalidity:
            raise NotThere("the server has numbered its mails anew since")
        rows = session.fetch([mail.uid], [f"BODY.PEEK[]<0.{LARGEST}>"], LARGEST)
    finally:
        session.close()
    content = next((part for key, part in rows.get(mail.uid, {}).items() if b"BODY" in key), None)
    if not isinstance(content, bytes):
        raise NotThere("the server does not show it: it was moved or deleted, or is damaged")
    return content
