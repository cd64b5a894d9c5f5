"""The life of one mailbox: connect, find, read, acknowledge, wait, and start over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from configstore.documents import PollingConfig, mailbox_document
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import Account, NotSetUp, find_account
from polling.admission import Admission
from polling.errors import Kind, MailboxTrouble
from polling.lease import Lease
from polling.metrics import RECONNECTS
from polling.news import News
from polling.notes import Notes
from polling.patience import Patience
from polling.pulse import Pulse
from polling.schedule import standing_down
from polling.session import Session
from polling.term import Term
from polling.work import MailboxWork
from runtime.connections import drop_connection, give_back_connection
from runtime.stopping import PartStop, Wake

logger = logging.getLogger(__name__)

HEALTHY_SECONDS = 60.0
SESSION_SECONDS = 3600.0
STANDING_DOWN_SECONDS = 5.0
# A change of the configuration wakes us; the clock does not.
OUT_OF_HOURS_SECONDS = 20.0
# The lease wakes us when a term begins; not when its renewal came at the last moment.
WITHOUT_TERM_SECONDS = 5.0
FAULT_SECONDS = 5.0


class Poller:
    """Serves one mailbox as long as its lease is valid.

    run() leaves the session open: what is under way when it ends can still be acknowledged, by
    farewell(), lest whoever comes next sends it again. on_enqueued is called when deliveries
    were queued. Everything that is known belongs to one term of the lease.
    """

    def __init__(
        self,
        lease: Lease,
        store: ConfigStore,
        stop: PartStop,
        wake: Wake,
        on_enqueued: Callable[[], None],
    ) -> None:
        self.wake = wake
        self._lease = lease
        self._term: Term | None = None
        self._store = store
        self._stop = stop
        self._on_enqueued = on_enqueued
        self.admission = Admission(lease, on_enqueued)
        self._session: Session | None = None
        self._work: MailboxWork | None = None
        self._document = mailbox_document(lease.mailbox)
        self._notes = Notes(lease.mailbox)
        self._account: Account | None = None
        self._patience = Patience()
        self.pulse = Pulse()
        self._news = News(wake, self.pulse)

    def run(self) -> None:
        while not self._stop:
            self.pulse.beat()
            if pause := self.step():
                give_back_connection()
                self.pulse.beat(pause)
                self.wake.wait(pause)
        self.pulse.end()

    @property
    def identity(self) -> str:
        """That of the account it has worked on, "" before the first session."""
        work = self._work
        return work.account.identity if work is not None else ""

    def settled(self, message_ids: set[str]) -> None:
        """Called from another thread: these messages may be acknowledged now."""
        if self._work is not None:
            self._work.settled(message_ids)
            self.wake.set()

    def step(self) -> float:
        """One round. How long to sleep before the next, in seconds."""
        self.wake.clear()
        pause = self._guarded_round()
        if self._session is None:
            self.admission.tell(self._term)
        return pause

    def _guarded_round(self) -> float:
        try:
            return self._round()
        except MailboxTrouble as exc:
            return self._after_trouble(exc)
        except ConfigurationUnknown as exc:
            self._close()
            self._notes.say(f"No mail is read: {exc}")
            return self._patience.wait(STANDING_DOWN_SECONDS)
        except DatabaseError:
            logger.exception("The database failed; the mailbox is read again in a moment")
            drop_connection()
            return self._after_fault()
        except Exception:
            logger.exception("A fault in the poller; it starts over in a moment")
            return self._after_fault()

    def pass_once(self) -> None:
        """Read and acknowledge what is there, wait for nothing.

        Raises MailboxTrouble, NotSetUp and ConfigurationUnknown.
        """
        self._term = self._lease.term()
        config = self._store.get(PollingConfig, self._document)
        account = self._find_account()
        if reason := standing_down(config, timezone.now()):
            self._notes.say(reason)
            self.admission.tell(self._term)
            return
        session, work = self._connected(account)
        work.read(session)
        work.acknowledge(session, everything=True)

    def _round(self) -> float:
        term = self._lease.term()
        if term is not self._term:
            self._close()
            self._term = term
        if term is None:
            return WITHOUT_TERM_SECONDS
        config = self._store.get(PollingConfig, self._document)
        try:
            account = self._find_account()
        except NotSetUp as exc:
            self._close()
            self._notes.say(str(exc))
            return STANDING_DOWN_SECONDS
        if reason := standing_down(config, timezone.now()):
            self.farewell()
            self._notes.standing_down(account, reason)
            return OUT_OF_HOURS_SECONDS
        if left := self._patience.left():
            return left
        session, work = self._connected(account)
        work.acknowledge(session)
        work.read(session)
        self._notes.all_is_well()
        if time.monotonic() - session.opened_at > HEALTHY_SECONDS:
            self._patience.healthy()
        if not (self._stop or session.news_overheard()):
            due_in = work.due_in()
            give_back_connection()
            self._news.wait(session, due_in, config.interval_seconds)
        return 0.0

    def _find_account(self) -> Account:
        """The account as it is described now. A new description is tried at once, whatever the
        former one has to wait for. Raises NotSetUp and ConfigurationUnknown."""
        try:
            account = find_account(self._store, self._lease.mailbox)
        except NotSetUp as exc:
            # Where nothing names a mailbox nobody can ever be asked what was sent.
            self.admission.consider(self._term, nobody_to_ask=not exc.has_host)
            raise
        if account != self._account:
            self._account = account
            self._patience.start_anew()
            self._news.start_anew()
        self.admission.consider(self._term)
        return account

    def _connected(self, account: Account) -> tuple[Session, MailboxWork]:
        session, work = self._opened(account)
        self.admission.ask(self._term, lambda: work.withdraw_what_others_settled(session))
        return session, work

    def _opened(self, account: Account) -> tuple[Session, MailboxWork]:
        session, work = self._session, self._work
        if session is not None and work is not None:
            fresh = time.monotonic() - session.opened_at < SESSION_SECONDS
            if fresh and session.account == account and session.credential.lasts():
                return session, work
            self._close()
        timeout = float(settings.IMAP_TIMEOUT_SECONDS)
        self._session = session = Session(account, timeout, self.pulse.beat)
        if work is None or work.account != account:
            self._work = work = MailboxWork(
                account, self._store, self._in_term, self._may_go_on, self._on_enqueued
            )
        work.opened(session)
        logger.info(
            "IMAP connected mailbox=%s host=%s folder=%s idle=%s keywords=%s",
            account.name,
            account.host,
            account.folder,
            session.can_idle,
            session.keywords_allowed,
        )
        return session, work

    def _in_term(self) -> bool:
        return self._term is not None and self._lease.term() is self._term

    def _may_go_on(self) -> bool:
        self.pulse.beat()
        return self._in_term() and not self._stop

    def _after_trouble(self, trouble: MailboxTrouble) -> float:
        session = self._session
        if session is not None and time.monotonic() - session.opened_at > HEALTHY_SECONDS:
            self._patience.healthy()
        self._close()
        if self._stop:
            return 0.0  # cut by ourselves, most likely
        RECONNECTS.add(mailbox=self._lease.mailbox, kind=trouble.kind.value)
        self._patience.judge(trouble)
        wait = self._patience.failed(trouble.kind)
        self._notes.trouble(self._account, trouble, wait)
        return wait

    def _after_fault(self) -> float:
        self._close()
        return self._patience.failed(Kind.TRANSIENT, at_least=FAULT_SECONDS)

    def farewell(self) -> None:
        """Acknowledge what can be, and close the session."""
        try:
            if self._session is not None and self._work is not None and self._in_term():
                self._work.acknowledge(self._session)
        except (MailboxTrouble, DatabaseError) as exc:
            logger.warning("The last mails could not be acknowledged, a later run will: %s", exc)
        self._close()

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
