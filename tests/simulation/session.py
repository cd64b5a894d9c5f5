"""The sessions of pollers with a mail server."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from polling.accounts import Account
from polling.errors import Kind, MailboxTrouble
from runtime.stopping import Wake
from tests.simulation.folder import Folder, Letter

Ask = Callable[[str, Callable[[], Any]], Any]


class _Password:
    def lasts(self) -> bool:
        return True

    def rest(self) -> float:
        return math.inf


class SimulatedSession:
    """What polling.session.Session is to the pollers. ask is told each command before it is
    done, and may lose the command, or the answer. rest is told for how long it idles."""

    refusal = None
    can_idle = True

    def __init__(
        self, account: Account, folder: Folder, now: float, ask: Ask, rest: Callable[[float], None]
    ) -> None:
        self.account = account
        self.timeout = 30.0
        self.opened_at = now
        self.credential = _Password()
        self.keywords_checked = self.can_move = True
        self.folder = folder
        self._ask = ask
        self._rest = rest
        self._news = self._grown = self._shrunk = self._broken = False
        self.wake: Callable[[], None] = lambda: None
        self._do("SELECT", lambda: folder.sessions.append(self))
        self.uidvalidity, self.uidnext = folder.uidvalidity, folder.uidnext
        self.keywords_allowed = folder.keywords

    def announce(self, gone: bool = False) -> None:
        self._news = True
        self._shrunk |= gone
        self._grown |= not gone
        self.wake()

    def drop(self) -> None:
        self._broken = True
        self.wake()

    def close(self) -> None:
        self._broken = True
        if self in self.folder.sessions:
            self.folder.sessions.remove(self)

    def search(self, criteria: Sequence[Any]) -> list[int]:
        found: list[int] = self._do(f"SEARCH {_text(criteria)}", lambda: self._search(criteria))
        return found

    def search_above(self, uid: int) -> list[int]:
        return sorted(found for found in self.search(["UID", f"{uid + 1}:*"]) if found > uid)

    def newest(self, count: int = 1) -> list[int]:
        uids: list[int] = self._do("SEARCH newest", lambda: self._search([]))
        return uids[-count:]

    def existing(self, uids: Sequence[int]) -> list[int]:
        return self.search(["UID", ",".join(map(str, uids))]) if uids else []

    def fetch(
        self, uids: Sequence[int], items: Sequence[str], expected: int, at_most: int = 0
    ) -> dict[int, dict[bytes, Any]]:
        rows: dict[int, dict[bytes, Any]] = self._do(
            f"FETCH {_text(uids)}", lambda: {a.uid: _row(a) for a in self.folder.by_uid(uids)}
        )
        return rows

    def flags(self, uids: Sequence[int]) -> dict[int, frozenset[bytes]]:
        found: dict[int, frozenset[bytes]] = self._do(
            f"FLAGS {_text(uids)}",
            lambda: {a.uid: frozenset(a.flags) for a in self.folder.by_uid(uids)},
        )
        return found

    def add_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        self._store(uids, lambda letter: letter.flags.update(flags), f"+{_text(flags)}")

    def remove_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        self._store(uids, lambda letter: letter.flags.difference_update(flags), f"-{_text(flags)}")

    def _store(self, uids: Sequence[int], change: Callable[[Letter], None], what: str) -> None:
        def store() -> None:
            for letter in self.folder.by_uid(uids):
                change(letter)
                self.folder.on_mark(letter)

        self._do(f"STORE {_text(uids)} {what}", store)

    def noop(self) -> None:
        self._do("NOOP", lambda: None)

    def news_overheard(self) -> bool:
        news, self._news = self._news, False
        return news

    def grown(self) -> bool:
        grown, self._grown = self._grown, False
        return grown

    def shrunk(self) -> bool:
        shrunk, self._shrunk = self._shrunk, False
        return shrunk

    def idle(self, seconds: float, wake: Wake) -> None:
        self._do("IDLE", lambda: None)
        if not self._news:
            self._rest(seconds)

    def _search(self, criteria: Sequence[Any]) -> list[int]:
        return self.folder.search(criteria)

    def _do(self, what: str, action: Callable[[], Any]) -> Any:
        """Raises MailboxTrouble where the command or the answer is lost."""

        def done() -> Any:
            if self._broken:
                raise cut()
            return action()

        try:
            return self._ask(what, done)
        except MailboxTrouble:
            self.close()
            raise


def cut() -> MailboxTrouble:
    return MailboxTrouble(Kind.TRANSIENT, "IMAP connection lost")


def _row(letter: Letter) -> dict[bytes, Any]:
    return {
        b"RFC822.SIZE": len(letter.header) + len(letter.text),
        b"INTERNALDATE": letter.received_at,
        b"FLAGS": tuple(letter.flags),
        b"BODY[HEADER.FIELDS]": letter.header,
        b"BODY[TEXT]": letter.text,
    }


def _text(words: Collection[Any]) -> str:
    shown = (word.decode() if isinstance(word, bytes) else str(word) for word in words)
    return " ".join(shown)
