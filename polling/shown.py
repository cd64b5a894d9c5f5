"""Mails as the server shows them at a glance: what tells them apart if their UIDs do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from polling.custody import SEEN, SETTLED
from polling.session import Session

ITEMS = ("RFC822.SIZE", "INTERNALDATE", "FLAGS")
ITEM_BYTES = 128


@dataclass(frozen=True)
class Key:
    """What tells mails apart if their UIDs do not."""

    size: int
    received_at: datetime | None


@dataclass(frozen=True)
class Shown:
    """A mail as the server shows it."""

    key: Key
    settled: bool
    seen: bool


def shown_mails(session: Session, uids: Sequence[int]) -> dict[int, Shown]:
    if not uids:
        return {}
    rows = session.fetch(uids, ITEMS, ITEM_BYTES * len(uids))
    return {
        uid: Shown(
            Key(row[b"RFC822.SIZE"], row.get(b"INTERNALDATE")),
            settled=SETTLED in (row.get(b"FLAGS") or ()),
            seen=SEEN in (row.get(b"FLAGS") or ()),
        )
        for uid, row in rows.items()
        if isinstance(row.get(b"RFC822.SIZE"), int)
    }
