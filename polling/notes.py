"""What is said of a mailbox: in the log, once, and in its row for the web page."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.utils import timezone

from polling.accounts import Account
from polling.errors import MailboxTrouble
from polling.models import MailboxState
from runtime.connections import drop_connection

logger = logging.getLogger(__name__)


class Notes:
    def __init__(self, mailbox: str) -> None:
        self._mailbox = mailbox
        self._said = ""

    def say(self, what: str) -> None:
        """Once, not in every round."""
        if self._said != what:
            self._said = what
            logger.info("Mailbox %s: %s", self._mailbox, what)

    def all_is_well(self) -> None:
        self._said = ""

    def standing_down(self, account: Account, reason: str) -> None:
        if self._said != reason:
            self.say(reason)
            MailboxState.of(account).note_standing_down(reason)

    def trouble(self, account: Account | None, trouble: MailboxTrouble, wait: float) -> None:
        logger.warning(
            "%s [%s, IMAP reconnect of mailbox %s in %.0f s]",
            trouble,
            trouble.kind.value,
            self._mailbox,
            wait,
        )
        if account is None:
            return
        try:
            MailboxState.of(account).note_trouble(str(trouble), trouble.kind.value, timezone.now())
        except DatabaseError as exc:
            logger.warning("The trouble cannot be written down: %s", exc)
            drop_connection()
