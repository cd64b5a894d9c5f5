"""What is done on an open session: find mails, read them, acknowledge them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from polling import custody
from polling.accounts import Account
from polling.chunks import chunks
from polling.groups import remember_settled
from polling.intake import Intake
from polling.models import Mail, MailboxState, MailState
from polling.others import Others
from polling.parking import Parking
from polling.session import Session
from runtime.faults import fault
from webhooks import journal

logger = logging.getLogger(__name__)

MAILS_PER_BATCH = 100
ROWS_PER_QUERY = 500
SWEEP_SECONDS = 60.0


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
        self._lease_valid = lease_valid
        self._may_go_on = may_go_on
        self._on_enqueued = on_enqueued
        self._store = store
        self._others = Others(account, self._config, self._rows)
        self._intake = Intake(account, store, self.settled)
        self._parking = Parking(self._intake, may_go_on, on_enqueued)
        self._lock = threading.Lock()
        self._settled: set[str] = set()
        self._next_sweep = 0.0
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
        state.note_connected()
        self._next_sweep = 0.0
        if state.last_uid is not None:
            self._anchor(session, state.last_uid)

    def read(self, session: Session) -> None:
        """Take in every mail that is new or due for another try."""
        state = self._state
        self._parking.retry(session, state)
        if state.last_uid is None:
            self._catch_up(session)
        elif uids := session.search_above(state.last_uid):
            # The mailbox was empty, or the mail with our mark was moved or deleted since.
            self._anchor(session, state.last_uid)
            self._take(session, uids, advance=True)
        state.note_searched(timezone.now(), session.refusal)

    def next_retry_in(self) -> float | None:
        """In how many seconds a mail that could not be read is to be tried again."""
        return self._parking.next_in(self._state)

    def settled(self, message_ids: set[str]) -> None:
        """From any thread: these messages need an acknowledgement."""
        with self._lock:
            self._settled |= message_ids

    def pending(self) -> bool:
        return bool(self._settled)

    def acknowledge(self, session: Session, everything: bool = False) -> None:
        """Mark in the mailbox what is settled: what was announced, and from time to time, or if
        asked, all there is."""
        with self._lock:
            announced, self._settled = self._settled, set()
        rows = self._rows(MailState.RELAYED)
        if everything or time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_SECONDS
        elif announced:
            rows = rows.filter(message_id__in=announced)
        else:
            return
        for chunk in chunks(list(rows.values_list("uid", "message_id")), ROWS_PER_QUERY):
            if self._lease_valid():
                self._acknowledge(session, dict(chunk))

    def withdraw_what_others_settled(self, session: Session) -> None:
        """Another poller, with a database of its own, may have sent what waits in ours."""
        self._others.withdraw(session)

    def _acknowledge(self, session: Session, by_uid: dict[int, str]) -> None:
        outcome = journal.settled(set(by_uid.values()))
        done = {uid: outcome[name] for uid, name in by_uid.items() if name in outcome}
        if not done:
            return
        delivered = [uid for uid, well in done.items() if well]
        dead = [uid for uid, well in done.items() if not well]
        config = self._store.get(PollingConfig, self.account.document)
        if custody.acknowledge(session, delivered, dead, custody.after_relay(config)):
            fault("mail.marked")
            self._rows(MailState.RELAYED).filter(uid__in=list(done)).update(
                state=MailState.SETTLED, settled_at=timezone.now()
            )

    def _catch_up(self, session: Session) -> None:
        """Find what is unsettled when there is no watermark; then there is one."""
        state = self._state
        known_until = Mail.objects.filter(mailbox=state).aggregate(at=Max("seen_at"))["at"]
        last = (
            session.uidnext - 1 if session.uidnext else max(session.search(["UID", "*"]), default=0)
        )
        days = settings.MAILBOX_CATCH_UP_DAYS
        uids = custody.unsettled(session, timezone.now(), days, known_until)
        if uids:
            logger.info("Mailbox %s: catching up on %d mails", self.account.name, len(uids))
        self._undertaken.update(custody.undertake(session, uids, last))
        fault("mailbox.undertaken")
        remember_settled(session, state, self._config(), days)
        if self._take(session, uids, advance=False):
            state.advance(last)

    def _anchor(self, session: Session, last_uid: int) -> None:
        """See to it that the mails to come are found again without us."""
        if not custody.has_start(session):
            ours = self._rows(MailState.RELAYED, MailState.FAILED, MailState.QUARANTINED)
            custody.undertake(session, ours.values_list("uid", flat=True), last_uid)

    def _release(self, session: Session, batch: Sequence[int]) -> None:
        """What is not relayed keeps no mark."""
        if decided := self._undertaken.intersection(batch):
            ignored = self._rows(MailState.IGNORED).filter(uid__in=decided)
            custody.release(session, ignored.values_list("uid", flat=True))
            self._undertaken -= decided

    def _take(self, session: Session, uids: Sequence[int], advance: bool) -> bool:
        """Take these in, in order. False if the work had to stop before the end."""
        parked = set(self._rows(MailState.FAILED).values_list("uid", flat=True)) if uids else set()
        for batch in chunks(uids, MAILS_PER_BATCH):
            if not self._may_go_on():
                return False
            watermark = batch[-1] if advance else None
            fresh = [uid for uid in batch if uid not in parked]
            if self._suspects.isdisjoint(fresh):
                self._suspects.update(fresh)
                self._intake.take(session, self._state, fresh, watermark)
                self._suspects.clear()
            else:
                if not self._take_one_by_one(session, fresh):
                    return False
                if watermark is not None:
                    self._state.advance(watermark)
            self._on_enqueued()
            self._release(session, batch)
            self.acknowledge(session)
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
        return Mail.objects.filter(
            mailbox=self._state, uidvalidity=self._state.uidvalidity, state__in=states
        )
