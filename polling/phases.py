"""The life of a connection in stretches of work, none of which can last for ever."""

from __future__ import annotations

import contextlib
import imaplib
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from imapclient.exceptions import ProtocolError

from polling.accounts import Account
from polling.connection import ANSWER_BYTES, Client, drop
from polling.errors import SHAPE_ERRORS, MailboxTimeout, MailboxTrouble, Server, explain
from polling.metrics import RECEIVED_BYTES
from polling.protocol.dialogue import concealed, without
from polling.protocol.fetch_mask import HIDDEN
from polling.protocol.recorder import RECORDERS, Side
from runtime.certificates import certificate_ends
from runtime.deadline import Deadline

# What a broken or lying server makes imaplib and imapclient raise.
WIRE_ERRORS = (imaplib.IMAP4.error, OSError, ProtocolError)
LOGOUT_SECONDS = 3.0


class Phases:
    """What goes over the connection goes on in a phase. After one that failed, close() is all
    that may follow."""

    _client: Client
    _secrets: tuple[str, ...] = ()

    def __init__(self, account: Account, timeout: float, beat: Callable[[float], None]) -> None:
        self.account = account
        self.timeout = timeout
        self.opened_at = time.monotonic()
        self.beat = beat
        self._broken = False

    @property
    def certificate_ends(self) -> datetime | None:
        """None where the connection is in clear."""
        return certificate_ends(self._client.socket())

    def close(self) -> None:
        """Say goodbye if anybody is listening; never raises."""
        if not self._broken:
            with contextlib.suppress(MailboxTrouble), self._phase("LOGOUT", LOGOUT_SECONDS):
                self._client.logout()
                return
        drop(self._client)

    @contextlib.contextmanager
    def _phase(
        self, name: str, seconds: float | None = None, octets: int = ANSWER_BYTES
    ) -> Iterator[Deadline]:
        """A stretch of work with a limit of time and of octets read, whose errors become
        MailboxTrouble."""
        limit = self.timeout if seconds is None else seconds
        server = Server(self.account.host, self.account.port)
        self.beat(limit)
        with Deadline(limit) as deadline:
            client = getattr(self, "_client", None)
            try:
                if client is not None:
                    client.allow(octets)
                    deadline.watch(client.socket())
                yield deadline
            except (*WIRE_ERRORS, *SHAPE_ERRORS) as exc:
                self._broken = True
                self._hush(exc)
                if deadline.expired:
                    trouble: MailboxTrouble = MailboxTimeout(name, limit, server)
                else:
                    trouble = explain(exc, name, server)
                self._note(str(trouble))
                raise trouble from exc
            finally:
                if (client := getattr(self, "_client", None)) is not None:
                    RECEIVED_BYTES.add(octets - client.allowed, mailbox=self.account.name)

    def _hush(self, error: Exception) -> None:
        """The server may repeat what it got, and the sentence goes to logs and pages."""
        if self._secrets and isinstance(error, imaplib.IMAP4.error):
            said = without(str(error).encode(), self._secrets).decode(errors="replace")
            error.args = (said.replace("\0", HIDDEN),)

    def _note(self, text: str) -> None:
        if (recorder := RECORDERS.get(self.account.name)) is not None:
            hidden = (*self._secrets, self.account.user)
            recorder.note(Side.NOTE, concealed(text.encode(), hidden))
