"""How far a long stretch of reading has got, for whoever looks at the log or the web page."""

from __future__ import annotations

import logging
import time

from django.utils import timezone

from polling.models import MailboxState

logger = logging.getLogger(__name__)

SECONDS = 10.0
NEWCOMERS_SECONDS = 15.0
# Fewer are read within a moment.
MANY = 1000


class Progress:
    """Said at the beginning, every ten seconds and at the end. It ends in the row of the mailbox
    with the next note that the search is over."""

    def __init__(self, mailbox: MailboxState, total: int) -> None:
        self._mailbox = mailbox
        self._total = total
        self._done = 0
        self._next = time.monotonic() + SECONDS
        logger.info("Mailbox %s: catching up on %d mails", mailbox.name, total)
        mailbox.note_progress(0, total, timezone.now())

    def add(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now < self._next and self._done < self._total:
            return
        self._next = now + SECONDS
        self._mailbox.note_progress(self._done, self._total, timezone.now())
        logger.info(
            "Mailbox %s: caught up on %d of %d mails", self._mailbox.name, self._done, self._total
        )


class Newcomers:
    """The mails that come while others are caught up on. last_uid: up to here they are taken."""

    def __init__(self, last_uid: int) -> None:
        self.last_uid = last_uid
        self._next = time.monotonic() + NEWCOMERS_SECONDS

    def due(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + NEWCOMERS_SECONDS
        return True
