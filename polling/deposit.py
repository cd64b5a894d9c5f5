"""A test mail, put into the mailbox as if it had arrived."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings

from configstore.documents import PollingConfig, mailbox_document
from configstore.store import ConfigStore
from polling.accounts import DEFAULT, Account, find_account
from polling.session import Session

LONGEST_SECONDS = 15.0
NOBODY = "test@relay.invalid"


class Depositing(Session):
    """A session that puts a mail into its folder, unread, without opening it: not every server
    tells others of a mail that came by a session that has the folder open."""

    def _select(self) -> None:
        pass

    def append(self, raw: bytes, at: datetime) -> None:
        with self._phase("APPEND"):
            self._client.append(self.account.folder, raw, (), at)


def deposit(store: ConfigStore, subject: str, text: str, at: datetime) -> str:
    """Into the default mailbox, from a sender whose mails are relayed. Gives that sender.

    Raises NotSetUp, MailboxTrouble, ConfigurationUnknown.
    """
    account = find_account(store, DEFAULT)
    sender = listed_sender(store.get(PollingConfig, mailbox_document(DEFAULT)), account)
    seconds = min(float(settings.IMAP_TIMEOUT_SECONDS), LONGEST_SECONDS)
    session = Depositing(account, seconds)
    try:
        session.append(_mail(account, sender, subject, text, at), at)
    finally:
        session.close()
    return sender


def listed_sender(config: PollingConfig, account: Account) -> str:
    """The first on the list; of a domain any address. Without a list the mailbox itself."""
    if not config.sender_of_interest_for_polling:
        return account.user if "@" in account.user else NOBODY
    first = config.sender_of_interest_for_polling[0]
    return first if "@" in first.lstrip("@") else f"test@{first.lstrip('@')}"


def _mail(account: Account, sender: str, subject: str, text: str, at: datetime) -> bytes:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = account.user if "@" in account.user else NOBODY
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{at.timestamp():.6f}.test@relay.invalid>"
    mail.set_content(text)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
