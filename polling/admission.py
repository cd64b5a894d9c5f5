"""Whether what a mailbox has queued here may be sent, for each term of its lock anew."""

from __future__ import annotations

from collections.abc import Callable

from polling.lease import Lease
from polling.term import HeldBy, Term
from webhooks import journal


class Admission:
    """A database of our own may hold what another poller has sent since: nothing goes out before
    the mailbox was asked in this term, unless nobody else can have sent it.

    open is read by any thread, all else belongs to the poller's. on_open is called when
    deliveries may go.
    """

    def __init__(self, lease: Lease, on_open: Callable[[], None]) -> None:
        self._lease = lease
        self._on_open = on_open
        self._admitted: Term | None = None

    @property
    def open(self) -> bool:
        term = self._admitted
        return term is not None and self._lease.term() is term

    def admitted(self, term: Term | None) -> bool:
        return term is self._admitted

    def consider(self, term: Term | None, nobody_to_ask: bool = False) -> None:
        """Let the deliveries go if there is no need to ask, or nobody that can be asked."""
        if self.admitted(term):
            return
        alone = term is not None and term.held_by is HeldBy.FILE
        if alone or nobody_to_ask or not journal.waiting_ids(self._lease.mailbox):
            self.admit(term)

    def admit(self, term: Term | None) -> None:
        self._admitted = term
        self._on_open()
