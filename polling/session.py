"""One IMAP connection with one folder open, on which nothing can block for ever."""

from __future__ import annotations

import imaplib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imapclient.exceptions import CapabilityError, ProtocolError

from polling import windows
from polling.accounts import Account
from polling.connection import Client, announced, wait_for_news
from polling.credential import Credential
from polling.errors import (
    SHAPE_ERRORS,
    IdleRefused,
    MailboxTrouble,
    TokenRefused,
    UnreadableAnswer,
    marks_refused,
    one_line,
)
from polling.login import begin_tls, log_in
from polling.phases import Phases
from polling.windows import Headcount
from runtime.stopping import Wake

logger = logging.getLogger(__name__)

REFUSED_SECONDS = 300.0
SLOWEST_BYTES_PER_SECOND = 16 * 1024
# Sizes that servers announce are not exact, and answers have a frame.
MORE_THAN_ANNOUNCED = 1.4
ROOM_BYTES = 64 * 1024
Row = Mapping[bytes, Any]


class MoveRefused(Exception):
    """The server does not move mails there."""


class Session(Phases):
    """A connection from its first packet to its end.

    Every method raises MailboxTrouble when the connection is of no use any more; then close()
    is all that may follow. UIDs everywhere, never sequence numbers. The folder is never
    closed by CLOSE, which would expunge what other clients marked as deleted. refusal: the
    server takes no marks, and does all else. beat is called before each wait, with its limit.
    """

    refusal: MailboxTrouble | None = None
    _refused_until = 0.0

    def __init__(
        self, account: Account, timeout: float, beat: Callable[[float], None] = lambda _: None
    ) -> None:
        super().__init__(account, timeout, beat)
        self.headcount = Headcount()
        self.uidvalidity = 0
        self.uidnext: int | None = None
        self.keywords_allowed = False
        self.keywords_checked = False
        self.can_move = True
        self.credential = Credential(account)
        try:
            self._open()
        except TokenRefused:
            if not self.credential.replace():
                raise
            del self._client
            self._broken = False
            self._open()

    def _open(self) -> None:
        with self._phase("connection") as deadline:
            self._client = Client(self.account, self.timeout, deadline)
        try:
            self._log_in()
            self._select()
        except MailboxTrouble:
            self.close()
            raise

    @property
    def can_idle(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    def search(self, criteria: Sequence[Any]) -> list[int]:
        """The UIDs that match, of a folder of whatever size."""
        self._listen()
        return windows.search(self._ask, self.headcount.count, criteria)

    def search_above(self, uid: int) -> list[int]:
        self._listen()
        return windows.search_above(self._ask, self.headcount.count, uid)

    def newest(self, count: int = 1) -> list[int]:
        """The UIDs of the last so many mails."""
        self._listen()
        if count == 1:
            return self._ask(["UID", "*"])
        return sorted(self._ask([f"{max(self.headcount.count - count, 0) + 1}:*"]))

    def existing(self, uids: Sequence[int]) -> list[int]:
        """Of these few mails, those that are there."""
        return [uid for uid in self._ask(["UID", ",".join(map(str, uids))]) if uid in uids]

    def _ask(self, criteria: Sequence[Any]) -> list[int]:
        with self._phase("SEARCH"):
            return [int(uid) for uid in self._client.search(list(criteria))]

    def fetch(
        self, uids: Sequence[int], items: Sequence[str], expected: int, at_most: int = 0
    ) -> dict[int, Row]:
        """The items of those mails that still exist. expected is the size of the answer in
        octets, by which the time for it is measured, and, unless at_most is said, what of it is
        read. Raises UnreadableAnswer, after which the session is as good as before."""
        seconds = self.timeout + expected / SLOWEST_BYTES_PER_SECOND
        octets = int((at_most or expected) * MORE_THAN_ANNOUNCED) + ROOM_BYTES
        with self._phase("FETCH", seconds, octets):
            try:
                rows: dict[int, Row] = self._client.fetch(list(uids), list(items))
            except (*SHAPE_ERRORS, ProtocolError) as exc:
                raise UnreadableAnswer("FETCH", exc) from exc
        return rows

    def add_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        """Refused or not: refusal tells."""
        self._store(self._client.add_flags, uids, flags)

    def remove_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        """Refused or not: refusal tells."""
        self._store(self._client.remove_flags, uids, flags)

    def _store(
        self, change: Callable[..., object], uids: Sequence[int], flags: Sequence[bytes]
    ) -> None:
        """What is refused is tried again some minutes later, not with each mail."""
        if self.refusal is not None and time.monotonic() < self._refused_until:
            return
        with self._phase("STORE"):
            try:
                change(list(uids), list(flags), silent=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as exc:
                self._hush(exc)
                self._note_refusal(marks_refused(exc, self.account.folder))
                return
        self.refusal = None

    def _note_refusal(self, trouble: MailboxTrouble) -> None:
        if self.refusal is None:
            logger.warning("%s [%s, mailbox %s]", trouble, trouble.kind.value, self.account.name)
        self.refusal = trouble
        self._refused_until = time.monotonic() + REFUSED_SECONDS

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Into another folder, which is made if it is missing (RFC 6851). Raises MoveRefused,
        after which the session is as good as before."""
        refusal = ""
        with self._phase("MOVE"):
            try:
                if not self._client.folder_exists(folder):
                    self._client.create_folder(folder)
                self._client.move(list(uids), folder)
            except CapabilityError:
                refusal = "the server cannot move mails"
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as exc:
                self._hush(exc)
                refusal = one_line(exc)
        if refusal:
            raise MoveRefused(refusal)

    def flags(self, uids: Sequence[int]) -> dict[int, frozenset[bytes]]:
        with self._phase("FETCH"):
            rows = self._client.get_flags(list(uids))
            return {uid: frozenset(flags) for uid, flags in rows.items()}

    def noop(self) -> None:
        with self._phase("NOOP"):
            self._client.noop()

    def news_overheard(self) -> bool:
        """Whether mails were announced to have come or gone inside the answer to another command.
        It will not be announced again."""
        self._listen()
        return self.headcount.announced()

    def grown(self) -> bool:
        """Whether mails were announced since this was asked last."""
        self._listen()
        grown, self.headcount.grown = self.headcount.grown, False
        return grown

    def shrunk(self) -> bool:
        """Whether mails were announced to have gone since this was asked last."""
        self._listen()
        shrunk, self.headcount.shrunk = self.headcount.shrunk, False
        return shrunk

    def _listen(self) -> None:
        self.headcount.listen(self._client._imap.untagged_responses)

    def idle(self, seconds: float, wake: Wake) -> None:
        """Return when the server says anything, at the wake, or when the time is over.

        Nothing is read while idling: a line may come in halves. That it came is enough, the
        search afterwards tells what it was.
        """
        try:
            with self._phase("IDLE"):
                self._client.idle()
        except MailboxTrouble as exc:
            if isinstance(exc.__cause__, (imaplib.IMAP4.abort, OSError)):
                raise  # the connection has ended, which says nothing about IDLE
            raise IdleRefused(exc.kind, str(exc)) from exc
        self.beat(seconds)
        if not announced(self._client, self.timeout):
            wait_for_news(self._client, wake, seconds)
        with self._phase("IDLE"):
            self._client.idle_done()
        self.news_overheard()

    def _log_in(self) -> None:
        if self.account.security == "starttls":
            with self._phase("STARTTLS"):
                begin_tls(self._client, self.account.host)
        self._secrets = (self.credential.secret,)
        self._client.conceal((*self._secrets, self.account.user))
        with self._phase("login"):
            log_in(self._client, self.account, self.credential.secret)
        with self._phase("CAPABILITY"):
            if self._client.has_capability("ID"):  # also asks for the capabilities after login
                self._client.id_({"name": "render-signal"})

    def _select(self) -> None:
        with self._phase("SELECT"):
            answer = self._client.select_folder(self.account.folder)
            self.uidvalidity = int(answer.get(b"UIDVALIDITY", 0))
            self.uidnext = answer.get(b"UIDNEXT")
            self.keywords_allowed = b"\\*" in answer.get(b"PERMANENTFLAGS", ())
        self.news_overheard()
        self.headcount.grown = False
