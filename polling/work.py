"""What is done on an open session: find mails, read them, acknowledge them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from polling import custody
from polling.accounts import Account
from polling.acknowledgement import Acknowledgement
from polling.chunks import chunks
from polling.groups import remember_settled
from polling.intake import Intake
from polling.models import Mail, MailboxState, MailState
from polling.others import Others
from polling.parking import Parking
from polling.progress import MANY, Newcomers, Progress
from polling.reconciliation import Reconciliation
from polling.session import Session
from runtime.faults import fault

logger = logging.getLogger(__name__)

MAILS_PER_BATCH = 100
# What is sent while the others are read.
FIRST_MAILS = 20


class MailboxWork:
    """The work on one mailbox, over all its sessions.

    Its methods raise MailboxTrouble when the session has failed. may_go_on is asked before
    more is taken in, lease_valid before a mail is marked: what was delivered until the stop
    is still acknowledged. on_enqueued is called when deliveries were queued.
    """

    def __init__(
        self,
        account: Account,
        store: ConfigStore,
        lease_valid: Callable[[], bool],
        may_go_on: Callable[[], bool],
        on_enqueued: Callable[[], None],
    ) -> None:
        self.account = account
        self._may_go_on = may_go_on
        self._on_enqueued = on_enqueued
        self._store = store
        self._others = Others(account, self._config, self._rows)
        self._intake = Intake(account, store, self.settled)
        self._parking = Parking(self._intake, may_go_on, on_enqueued)
        self._acknowledgement = Acknowledgement(self._config, self._rows, lease_valid)
        self._reconciliation = Reconciliation()
        # Mails of a batch whose reading ended a session: they are read one by one.
        self._suspects: set[int] = set()
        # Mails that bear the mark of custody until it is known whether they are to be relayed.
        self._undertaken: set[int] = set()
        self._state = MailboxState.of(account)

    def opened(self, session: Session) -> None:
        """A session has begun: see whether its UIDs are those that we know."""
        state = self._state = MailboxState.of(self.account)
        if state.uidvalidity != session.uidvalidity:
            if state.uidvalidity:
                logger.warning(
                    "Mailbox %s has numbered its mails anew (UIDVALIDITY %d, was %d): "
                    "what is unsettled is looked for again, nothing is relayed twice",
                    self.account.name,
                    session.uidvalidity,
                    state.uidvalidity,
                )
            state.begin_epoch(session.uidvalidity)
            self._suspects.clear()
            self._undertaken.clear()
        state.note_connected(timezone.now())
        self._acknowledgement.opened()
        self._reconciliation.opened(session, state)
        if state.last_uid is not None:
            self._anchor(session, state.last_uid)

    def read(self, session: Session) -> None:
        """Take in every mail that is new or due for another try."""
        state = self._state
        self._parking.retry(session, state)
        announced = session.grown()
        if state.last_uid is None:
            self._catch_up(session)
        elif uids := session.search_above(state.last_uid):
            # The mailbox was empty, or the mail with our mark has gone while nobody listened.
            self._anchor(session, state.last_uid)
            self._anchor_anew(session, state.last_uid)
            self._take(session, uids, watermark=True)
        elif announced:
            self._reconciliation.suspect()
        if state.last_uid is not None and self._reconciliation.due():
            self._reconcile(session, state.last_uid)
        self._anchor_anew(session, state.last_uid)
        state.note_searched(timezone.now(), session.refusal)

    def due_in(self) -> float | None:
        """In how many seconds there is something to do here: settled mails to mark, or one that
        could not be read to be tried again. None if there is nothing."""
        return 0.0 if self._acknowledgement.pending() else self._parking.next_in(self._state)

    def settled(self, message_ids: set[str]) -> None:
        """From any thread: these messages need an acknowledgement."""
        self._acknowledgement.announce(message_ids)

    def acknowledge(self, session: Session, everything: bool = False) -> None:
        """Mark in the mailbox what is settled: what was announced, and from time to time, or if
        asked, all there is."""
        self._acknowledgement.mark(session, everything)
        self._anchor_anew(session, self._state.last_uid)

    def withdraw_what_others_settled(self, session: Session) -> None:
        """Another poller, with a database of its own, may have sent what waits in ours."""
        self._others.withdraw(session)

    def _catch_up(self, session: Session) -> None:
        """Find what is unsettled when there is no watermark; then there is one."""
        state = self._state
        last = session.uidnext - 1 if session.uidnext else max(session.newest(), default=0)
        first_try = state.note_start(last, timezone.now())
        seen = Mail.objects.filter(mailbox=state, seen_at__lt=state.started_at or timezone.now())
        days, mark = settings.MAILBOX_CATCH_UP_DAYS, custody.start(session)
        uids = custody.unsettled(
            session,
            mark,
            (timezone.now() - timedelta(days=days)).date(),
            known_until=seen.aggregate(at=Max("seen_at"))["at"],
            last_uid=None if first_try else state.start_uid,
        )
        self._undertaken.update(custody.undertake(session, uids, last, mark))
        fault("mailbox.undertaken")
        remember_settled(session, state, self._config(), days)
        newcomers = Newcomers(last)
        if self._take(session, uids, newcomers=newcomers):
            state.advance(newcomers.last_uid)
            self._anchor_anew(session, last)

    def _reconcile(self, session: Session, last_uid: int) -> None:
        if uids := self._reconciliation.check(session, self._state, last_uid):
            mark = custody.start(session)
            self._undertaken.update(custody.undertake(session, uids, last_uid, mark))
            self._parking.retry(session, self._state)
            self._release(session, uids)

    def _anchor(self, session: Session, last_uid: int) -> None:
        """See to it that the mails to come are found again without us."""
        session.shrunk()  # what went until now is not found any more
        ours = self._rows(MailState.RELAYED, MailState.FAILED, MailState.QUARANTINED)
        custody.anchor(session, ours.values_list("uid", flat=True), last_uid)

    def _anchor_anew(self, session: Session, last_uid: int | None) -> None:
        """The mail with our mark may be among those that have gone, whoever moved them."""
        if last_uid is not None and session.shrunk():
            self._anchor(session, last_uid)

    def _release(self, session: Session, batch: Sequence[int]) -> None:
        """What is not relayed keeps no mark."""
        if decided := self._undertaken.intersection(batch):
            ignored = self._rows(MailState.IGNORED).filter(uid__in=decided)
            custody.release(session, ignored.values_list("uid", flat=True))
            self._undertaken -= decided

    def _take(
        self,
        session: Session,
        uids: Sequence[int],
        *,
        watermark: bool = False,
        newcomers: Newcomers | None = None,
    ) -> bool:
        """Take these in, in order. False if the work had to stop before the end.

        watermark: it goes along. newcomers: of a catch-up, between whose batches what comes
        meanwhile is taken in as well.
        """
        parked = set(self._rows(MailState.FAILED).values_list("uid", flat=True)) if uids else set()
        many = len(uids) >= MANY or (uids and newcomers is not None)
        progress = Progress(self._state, len(uids)) if many else None
        for batch in _batches(uids):
            if not self._may_go_on():
                return False
            fresh = [uid for uid in batch if uid not in parked]
            if not self._take_batch(session, fresh, batch[-1] if watermark else None):
                return False
            self._on_enqueued()
            self._release(session, batch)
            self.acknowledge(session)
            if progress is not None:
                progress.add(len(batch))
            if newcomers is not None and newcomers.due():
                self._take_newcomers(session, newcomers)
        return True

    def _take_newcomers(self, session: Session, newcomers: Newcomers) -> None:
        """What comes during a catch-up does not wait for its end: it may last for hours. Rather
        out of order than late; of the old mails, and of the new ones, each keep their own."""
        uids = session.search_above(newcomers.last_uid)
        if uids and self._take(session, uids):
            newcomers.last_uid = uids[-1]

    def _take_batch(self, session: Session, uids: Sequence[int], watermark: int | None) -> bool:
        if self._suspects.isdisjoint(uids):
            self._suspects.update(uids)
            self._intake.take(session, self._state, uids, watermark)
            self._suspects.difference_update(uids)
            return True
        if not self._take_one_by_one(session, uids):
            return False
        if watermark is not None:
            self._state.advance(watermark)
        return True

    def _take_one_by_one(self, session: Session, uids: Sequence[int]) -> bool:
        for uid in uids:
            if not self._may_go_on():
                return False
            self._parking.take_alone(session, self._state, uid)
            self._suspects.discard(uid)
        return True

    def _config(self) -> PollingConfig:
        return self._store.get(PollingConfig, self.account.document)

    def _rows(self, *states: MailState) -> QuerySet[Mail]:
        rows = Mail.objects.filter(mailbox=self._state, uidvalidity=self._state.uidvalidity)
        # SQLite takes the index of a state for that one, and none for a list.
        return rows.filter(state=states[0]) if len(states) == 1 else rows.filter(state__in=states)


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    first = min(FIRST_MAILS, MAILS_PER_BATCH)
    yield from (uids[:first],) if uids else ()
    yield from chunks(uids[first:], MAILS_PER_BATCH)
