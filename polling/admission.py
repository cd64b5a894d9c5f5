"""Whether what a mailbox has queued here may be sent, for each term of its lock anew."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection

from polling.lease import Lease
from polling.models import KnownTerm
from polling.term import HeldBy, Term
from runtime.connections import drop_connection
from webhooks import journal

logger = logging.getLogger(__name__)


class Admission:
    """A database of our own may hold what another poller has sent since: nothing goes out before
    the mailbox was asked in this term, unless nobody else can have sent it.

    open is read by any thread, all else belongs to the poller's. on_open is called when
    deliveries may go.
    """

    def __init__(self, lease: Lease, on_open: Callable[[], None]) -> None:
        self._lease = lease
        self._mailbox = lease.mailbox
        self._on_open = on_open
        self._admitted: Term | None = None
        self._told: Term | None = None

    @property
    def open(self) -> bool:
        term = self._admitted
        return term is not None and self._lease.term() is term

    def admitted(self, term: Term | None) -> bool:
        return term is None or term is self._admitted

    def consider(self, term: Term | None, nobody_to_ask: bool = False) -> None:
        """Let the deliveries go if there is no need to ask, or nobody that can be asked."""
        if term is None or self.admitted(term):
            return
        if nobody_to_ask or self._no_need_to_ask(term):
            self._admit(term)

    def ask(self, term: Term | None, withdraw: Callable[[], None]) -> None:
        """With a session: withdraw what others have sent, and let the rest go."""
        if term is None or self.admitted(term):
            return
        withdraw()
        self._admit(term)

    def tell(self, term: Term | None) -> None:
        """Without a session: say once in a term what is held back."""
        if self.admitted(term) or self._told is term:
            return
        try:
            count = journal.open_count(self._mailbox)
            if not count:
                return
            KnownTerm.note(self._mailbox, held_back=True)
        except DatabaseError as exc:
            logger.warning("What is held back cannot be written down: %s", exc)
            drop_connection()
            return
        self._told = term
        logger.warning(held_back_sentence(self._mailbox, count))

    def _no_need_to_ask(self, term: Term) -> bool:
        if term.alone or shared_database():
            return True
        if term.held_by is HeldBy.FILE:
            # Others may be at work with files of their own, and leave no trace in Redis.
            KnownTerm.note(self._mailbox, term="")
        elif term.follows and term.follows == KnownTerm.of(self._mailbox):
            return True
        return not journal.open_deliveries(self._mailbox).exists()

    def _admit(self, term: Term) -> None:
        if not (term.alone or shared_database()):
            KnownTerm.note(self._mailbox, term=term.name, held_back=False)
        self._admitted = term
        self._on_open()


def shared_database() -> bool:
    """Whether all containers have the same one, which says itself what was sent."""
    return connection.vendor != "sqlite"


def held_back_sentence(mailbox: str, count: int) -> str:
    return (
        f"{count} deliveries of mailbox {mailbox} wait until the mailbox can be asked whether "
        "another container has sent them"
    )
