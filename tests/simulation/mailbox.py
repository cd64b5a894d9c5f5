"""A mail server with one folder an account, and the sessions of pollers with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from polling.accounts import Account
from polling.custody import PENDING, SEEN, SETTLED, START
from polling.errors import Kind, MailboxTrouble
from runtime.stopping import Wake

SENDER = "studio@sender.example"
Ask = Callable[[str, Callable[[], Any]], Any]


@dataclass(eq=False)
class Letter:
    """A mail. wanted: it is to be relayed."""

    subject: str
    uid: int
    received_at: datetime
    wanted: bool = True
    flags: set[bytes] = field(default_factory=set)

    @property
    def header(self) -> bytes:
        sender = SENDER if self.wanted else "somebody@else.example"
        return (
            f"From: {sender}\r\nSubject: {self.subject}\r\n"
            f"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{self.subject}@x>\r\n\r\n"
        ).encode()

    @property
    def text(self) -> bytes:
        return f"Text of {self.subject}\r\n".encode()


class Folder:
    """keywords False: a server that knows of \\Seen only. on_mark is told of each mail whose
    flags were changed."""

    def __init__(self, name: str, keywords: bool, on_mark: Callable[[Letter], None]) -> None:
        self.name = name
        self.keywords = keywords
        self.on_mark = on_mark
        self.uidvalidity = 7
        self.uidnext = 1
        self.letters: list[Letter] = []
        self.sessions: list[SimulatedSession] = []

    def add(
        self, subject: str, now: datetime, wanted: bool = True, flags: Collection[bytes] = ()
    ) -> Letter:
        letter = Letter(subject, self.uidnext, now.replace(microsecond=0), wanted, {*flags})
        self.letters.append(letter)
        self.uidnext += 1
        for session in self.sessions:
            session.announce()
        return letter

    def number_anew(self) -> None:
        """As a restored server does: other UIDs, a new UIDVALIDITY, the same mails and marks."""
        self.uidvalidity += 1
        for letter in self.letters:
            letter.uid += 100
        self.uidnext += 100
        self.drop_all()

    def drop_all(self) -> None:
        for session in self.sessions:
            session.drop()
        self.sessions.clear()

    def settled(self, letter: Letter) -> bool:
        return (SETTLED if self.keywords else SEEN) in letter.flags

    def has_unsettled(self, subject: str) -> bool:
        found = [letter for letter in self.letters if letter.subject == subject]
        return any(not self.settled(letter) for letter in found)

    def undertaken(self, letter: Letter) -> bool:
        """Whether it is ours although a person reads it: it came after the start, or bears the
        mark of custody."""
        starts = [other.uid for other in self.letters if START in other.flags]
        return PENDING in letter.flags or (bool(starts) and letter.uid > min(starts))

    def by_uid(self, uids: Collection[int]) -> list[Letter]:
        return [letter for letter in self.letters if letter.uid in uids]

    def search(self, criteria: Sequence[Any]) -> list[int]:
        found, words = list(self.letters), list(criteria)
        while words:
            word = words.pop(0)
            if word == "UNSEEN":
                found = [letter for letter in found if SEEN not in letter.flags]
            elif word in ("KEYWORD", "UNKEYWORD"):
                flag = words.pop(0)
                found = [a for a in found if (flag in a.flags) == (word == "KEYWORD")]
            elif word == "SINCE":
                since: date = words.pop(0)
                found = [letter for letter in found if letter.received_at.date() >= since]
            elif word == "UID":
                chosen = self._range(words.pop(0))
                found = [letter for letter in found if letter in chosen]
            else:
                raise AssertionError(f"SEARCH {word}")
        return [letter.uid for letter in found]

    def _range(self, text: str) -> list[Letter]:
        if ":" not in text:
            wanted = {self.letters[-1].uid if part == "*" and self.letters else part
                      for part in text.split(",")}  # fmt: skip
            return [a for a in self.letters if a.uid in wanted or str(a.uid) in wanted]
        low, high = text.split(":")
        last = self.letters[-1:]
        if high == "*":  # the last mail is in it, whatever its UID (RFC 9051, 6.4.9)
            return [a for a in self.letters if a.uid >= int(low)] or last
        return [a for a in self.letters if int(low) <= a.uid <= int(high)]


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
        self._folder = folder
        self._ask = ask
        self._rest = rest
        self._news = self._grown = self._broken = False
        self.wake: Callable[[], None] = lambda: None
        self._do("SELECT", lambda: folder.sessions.append(self))
        self.uidvalidity, self.uidnext = folder.uidvalidity, folder.uidnext
        self.keywords_allowed = folder.keywords

    def announce(self) -> None:
        self._news = self._grown = True
        self.wake()

    def drop(self) -> None:
        self._broken = True
        self.wake()

    def close(self) -> None:
        self._broken = True
        if self in self._folder.sessions:
            self._folder.sessions.remove(self)

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
            f"FETCH {_text(uids)}", lambda: {a.uid: _row(a) for a in self._folder.by_uid(uids)}
        )
        return rows

    def flags(self, uids: Sequence[int]) -> dict[int, frozenset[bytes]]:
        found: dict[int, frozenset[bytes]] = self._do(
            f"FLAGS {_text(uids)}",
            lambda: {a.uid: frozenset(a.flags) for a in self._folder.by_uid(uids)},
        )
        return found

    def add_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        self._store(uids, lambda letter: letter.flags.update(flags), f"+{_text(flags)}")

    def remove_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        self._store(uids, lambda letter: letter.flags.difference_update(flags), f"-{_text(flags)}")

    def _store(self, uids: Sequence[int], change: Callable[[Letter], None], what: str) -> None:
        def store() -> None:
            for letter in self._folder.by_uid(uids):
                change(letter)
                self._folder.on_mark(letter)

        self._do(f"STORE {_text(uids)} {what}", store)

    def noop(self) -> None:
        self._do("NOOP", lambda: None)

    def news_overheard(self) -> bool:
        news, self._news = self._news, False
        return news

    def grown(self) -> bool:
        grown, self._grown = self._grown, False
        return grown

    def idle(self, seconds: float, wake: Wake) -> None:
        self._do("IDLE", lambda: None)
        if not self._news:
            self._rest(seconds)

    def _search(self, criteria: Sequence[Any]) -> list[int]:
        return self._folder.search(criteria)

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
