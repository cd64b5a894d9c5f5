"""What the mailbox itself remembers: which mails are settled.

Everything of ours can be lost with its disk. The mailbox stays, so it says, by a keyword on
each mail that is settled, what still needs work. Servers without keywords have \\Seen.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from polling.session import Session

logger = logging.getLogger(__name__)

SETTLED = b"$RenderSignal"
# On a settled mail that could not be delivered: a person should look.
DEAD = b"$RenderSignalDead"
# On one mail of the mailbox: whatever came later than this one is ours to look after.
START = b"$RenderSignalStart"
SEEN = b"\\Seen"
UIDS_PER_STORE = 200
OVERLAP = timedelta(days=2)


def unsettled(
    session: Session, now: datetime, days: int, known_until: datetime | None
) -> list[int]:
    """The mails that may need work when the watermark is of no use.

    Met for the first time: the unread ones. Known before: all since we came that are not
    settled, read or not, and the unread ones from before. Bounded by days. known_until is
    when our own journal last saw this mailbox, None if it never did; with that, what it has
    missed since is found even if the server has lost our marks.
    """
    since = ["SINCE", (now - timedelta(days=days)).date()]
    if not session.keywords_allowed:
        return _missed(session, known_until, ["UNSEEN", *since], [])
    open_mails = ["UNKEYWORD", SETTLED]
    unread = ["UNSEEN", *open_mails, *since]
    if started := session.search(["KEYWORD", START]):
        ours = session.search([*open_mails, *since, "UID", f"{started[0]}:*"])
        return sorted({*session.search(unread), *(uid for uid in ours if uid >= started[0])})
    if session.search(["KEYWORD", SETTLED, *since]):
        return session.search([*open_mails, *since])
    return _missed(session, known_until, unread, open_mails)


def _missed(
    session: Session,
    known_until: datetime | None,
    unread: Sequence[object],
    open_mails: Sequence[object],
) -> list[int]:
    found = set(session.search(unread))
    if known_until is not None:
        since = (known_until - OVERLAP).date()
        found.update(session.search([*open_mails, "SINCE", since]))
    return sorted(found)


def mark_start(session: Session, last_uid: int, open_uids: Collection[int]) -> bool:
    """Leave the mark by which we know this mailbox again. False while there is no mail to bear it.

    It goes on the newest mail. If that had been read before we came it is settled as well.
    """
    if not session.keywords_allowed or session.search(["KEYWORD", START]):
        return True
    newest = session.search(["UID", str(last_uid)]) if last_uid else []
    if not newest:
        return False
    read_before = newest[0] not in open_uids and bool(
        session.search(["SEEN", "UID", str(last_uid)])
    )
    session.add_flags(newest, [START, SETTLED] if read_before else [START])
    return True


def acknowledge(session: Session, delivered: Iterable[int], dead: Iterable[int]) -> None:
    """Mark mails as settled; the delivered ones as read, too. To be called after the settling
    is committed, never before. Repeating it does no harm."""
    delivered, dead = sorted(delivered), sorted(dead)
    keyword = [SETTLED] if session.keywords_allowed else []
    for chunk in _chunks(delivered):
        session.add_flags(chunk, [*keyword, SEEN])
    if session.keywords_allowed:
        for chunk in _chunks(dead):
            session.add_flags(chunk, [SETTLED, DEAD])
        _check_kept(session, [*delivered, *dead])


def _check_kept(session: Session, uids: Sequence[int]) -> None:
    """Once a session: some servers promise keywords, answer OK, and keep nothing."""
    if session.keywords_checked or not uids:
        return
    session.keywords_checked = True
    flags = session.flags(uids[:1])
    if flags and all(SETTLED not in kept for kept in flags.values()):
        session.keywords_allowed = False
        logger.warning(
            "Mailbox %s does not keep keywords: settled mails are known by \\Seen only",
            session.account.name,
        )


def _chunks(uids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (uids[i : i + UIDS_PER_STORE] for i in range(0, len(uids), UIDS_PER_STORE))
