"""One IMAP connection with one folder open, on which nothing can block for ever."""

from __future__ import annotations

import contextlib
import imaplib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from imapclient.exceptions import CapabilityError, ProtocolError

from polling.accounts import Account
from polling.connection import ANSWER_BYTES, Client, announced, drop, readable
from polling.credential import Credential
from polling.errors import (
    SHAPE_ERRORS,
    IdleRefused,
    MailboxTimeout,
    MailboxTrouble,
    Server,
    TokenRefused,
    UnreadableAnswer,
    explain,
    marks_refused,
)
from polling.login import begin_tls, log_in
from runtime.deadline import Deadline
from runtime.stopping import Wake

logger = logging.getLogger(__name__)

# What a broken or lying server makes imaplib and imapclient raise.
WIRE_ERRORS = (imaplib.IMAP4.error, OSError, ProtocolError)
LOGOUT_SECONDS = 3.0
REFUSED_SECONDS = 300.0
SLOWEST_BYTES_PER_SECOND = 16 * 1024
# Sizes that servers announce are not exact, and answers have a frame.
MORE_THAN_ANNOUNCED = 1.4
ROOM_BYTES = 64 * 1024
Row = Mapping[bytes, Any]


class MoveRefused(Exception):
    """The server does not move mails there."""


class Session:
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
        self._beat = beat
        self.account = account
        self.timeout = timeout
        self.opened_at = time.monotonic()
        self.uidvalidity = 0
        self.uidnext: int | None = None
        self.keywords_allowed = False
        self.keywords_checked = False
        self.can_move = True
        self._broken = False
        self.credential = Credential(account)
        try:
            self._open()
        except TokenRefused:
            if not self.credential.replace():
                raise
            del self._client
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

    def counts(self) -> tuple[int, int]:
        """How many mails the folder holds, and how many of them are unread."""
        with self._phase("STATUS"):
            found = self._client.folder_status(self.account.folder, ["MESSAGES", "UNSEEN"])
            return int(found.get(b"MESSAGES", 0)), int(found.get(b"UNSEEN", 0))

    def search(self, criteria: Sequence[Any]) -> list[int]:
        with self._phase("SEARCH"):
            return sorted(int(uid) for uid in self._client.search(list(criteria)))

    def search_above(self, uid: int) -> list[int]:
        """UIDs above this one. "n:*" names the last mail even if its UID is lower than n
        (RFC 9051, 6.4.9)."""
        return [found for found in self.search(["UID", f"{uid + 1}:*"]) if found > uid]

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
                refusal = str(exc)
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
        """Whether a new mail was announced inside the answer to another command. It will not
        be announced again."""
        return bool(self._client._imap.untagged_responses.pop("EXISTS", None))

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
        self._beat(seconds)
        if not announced(self._client, self.timeout):
            readable(self._client, wake, seconds)
        with self._phase("IDLE"):
            self._client.idle_done()
        self.news_overheard()

    def close(self) -> None:
        """Say goodbye if anybody is listening; never raises."""
        if not self._broken:
            with contextlib.suppress(MailboxTrouble), self._phase("LOGOUT", LOGOUT_SECONDS):
                self._client.logout()
                return
        drop(self._client)

    def _log_in(self) -> None:
        if self.account.security == "starttls":
            with self._phase("STARTTLS"):
                begin_tls(self._client, self.account.host)
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

    @contextlib.contextmanager
    def _phase(
        self, name: str, seconds: float | None = None, octets: int = ANSWER_BYTES
    ) -> Iterator[Deadline]:
        """A stretch of work with a limit of time and of octets read, whose errors become
        MailboxTrouble."""
        limit = self.timeout if seconds is None else seconds
        server = Server(self.account.host, self.account.port)
        self._beat(limit)
        with Deadline(limit) as deadline:
            client = getattr(self, "_client", None)
            try:
                if client is not None:
                    client.allow(octets)
                    deadline.watch(client.socket())
                yield deadline
            except (*WIRE_ERRORS, *SHAPE_ERRORS) as exc:
                self._broken = True
                if deadline.expired:
                    raise MailboxTimeout(name, limit, server) from exc
                raise explain(exc, name, server) from exc
