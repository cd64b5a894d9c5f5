"""A mail server with one folder an account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from polling.custody import PENDING, SEEN, SETTLED, START

if TYPE_CHECKING:
    from tests.simulation.session import SimulatedSession

SENDER = "studio@sender.example"


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

    def delete(self, letter: Letter) -> None:
        self.letters.remove(letter)
        for session in self.sessions:
            session.announce(gone=True)

    def move_back(self, letter: Letter) -> None:
        """It has its flags still, and another UID."""
        self.delete(letter)
        letter.uid = self.uidnext
        self.letters.append(letter)
        self.uidnext += 1
        for session in self.sessions:
            session.announce()

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
        return any(not self.settled(letter) for letter in self.named(subject))

    def named(self, subject: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.subject == subject]

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
