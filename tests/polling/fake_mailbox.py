"""A mailbox at the seam of polling: what Session does, from a list in memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from polling.accounts import Account
from polling.errors import Kind, MailboxTrouble
from polling.session import Row, Session
from polling.windows import Headcount
from tests.polling.examples import ARRIVED

ACCOUNT = Account(
    name="default",
    host="imap.example",
    port=993,
    security="tls",
    auth="auto",
    user="user@relay.example",
    password="the-password",
    folder="INBOX",
)


@dataclass
class StoredMail:
    raw: bytes
    received_at: datetime = ARRIVED
    flags: set[bytes] = field(default_factory=set)

    @property
    def header(self) -> bytes:
        return self.raw.partition(b"\n\n")[0] + b"\r\n\r\n"

    @property
    def text(self) -> bytes:
        return self.raw.partition(b"\n\n")[2]


class FakeSession(Session):
    """Knows the searches of custody and the fetches of small mails. broken: UIDs whose text
    ends the session when it is fetched. mute: UIDs of which nothing is said."""

    def __init__(self, mails: dict[int, StoredMail], *, keywords: bool = True) -> None:
        self.account = ACCOUNT
        self.headcount = Headcount(len(mails))
        self.searches: list[str] = []
        self.fetched: list[list[int]] = []
        self.mails = mails
        self.stores: list[tuple[tuple[int, ...], frozenset[bytes]]] = []
        self.broken: set[int] = set()
        self.mute: set[int] = set()
        self.uidvalidity = 1
        self.uidnext = max(mails, default=0) + 1
        self.keywords_allowed = keywords
        self.keywords_checked = False

    def fetch(
        self, uids: Sequence[int], items: Sequence[str], expected: int, at_most: int = 0
    ) -> dict[int, Row]:
        self.fetched.append(list(uids))
        if any("TEXT" in item for item in items) and self.broken & set(uids):
            raise MailboxTrouble(Kind.TRANSIENT, "IMAP FETCH failed: socket error: EOF")
        rows = {uid: self._row(uid) for uid in uids if uid in self.mails}
        return {uid: row for uid, row in rows.items() if uid not in self.mute}

    def _row(self, uid: int) -> Row:
        mail = self.mails[uid]
        return {
            b"RFC822.SIZE": len(mail.raw),
            b"INTERNALDATE": mail.received_at,
            b"FLAGS": tuple(mail.flags),
            b"BODY[HEADER.FIELDS (FROM)]<0>": mail.header,
            b"BODY[TEXT]<0>": mail.text,
        }

    def _listen(self) -> None:
        if len(self.mails) != self.headcount.count:
            self.headcount.listen({"EXISTS": [str(len(self.mails)).encode()]})

    def _ask(self, criteria: Sequence[Any]) -> list[int]:
        self.searches.append(" ".join(map(str, criteria)))
        words, found = list(criteria), set(self.mails)
        if re.match(r"\d+:", str(words[0])):
            low, _, high = words.pop(0).partition(":")
            found = set(sorted(found)[int(low) - 1 : None if high == "*" else int(high)])
        while words:
            word = words.pop(0)
            argument = words.pop(0) if word in ("KEYWORD", "UNKEYWORD", "UID", "SINCE") else None
            found = {uid for uid in found if self._matches(uid, word, argument)}
        return sorted(found)

    def _matches(self, uid: int, word: str, argument: Any) -> bool:
        mail = self.mails[uid]
        if word == "SINCE":
            return bool(mail.received_at.date() >= argument)
        if word == "UID":
            return self._in_range(uid, argument)
        flag = argument if "KEYWORD" in word else b"\\Seen"
        return (flag in mail.flags) is not word.startswith("UN")

    def _in_range(self, uid: int, text: str) -> bool:
        if re.fullmatch(r"\d+(,\d+)*", text):
            return str(uid) in text.split(",")
        if bounds := re.fullmatch(r"(\d+):(\d+)", text):
            return int(bounds[1]) <= uid <= int(bounds[2])
        found = re.fullmatch(r"(\d+|\*)(?::\*)?", text)
        assert found, text
        last = max(self.mails)
        first = last if found[1] == "*" else int(found[1])
        return uid >= min(first, last) if text.endswith(":*") else uid == first

    def add_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        self.stores.append((tuple(uids), frozenset(flags)))
        for uid in self.mails.keys() & uids:
            kept = flags if self.keywords_allowed else [f for f in flags if f.startswith(b"\\")]
            self.mails[uid].flags.update(kept)

    def remove_flags(self, uids: Sequence[int], flags: Sequence[bytes]) -> None:
        for uid in self.mails.keys() & uids:
            self.mails[uid].flags.difference_update(flags)

    def flags(self, uids: Sequence[int]) -> dict[int, frozenset[bytes]]:
        return {uid: frozenset(self.mails[uid].flags) for uid in uids if uid in self.mails}
