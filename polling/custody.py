"""What the mailbox itself remembers: which mails are settled.

Everything of ours can be lost with its disk. The mailbox stays, so it says, by a keyword on
each mail that is settled, what still needs work; and by two more, which mails are ours at all.
Servers without keywords have \\Seen: there a mail that a person reads before it is settled is
lost with the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from configstore.documents import PollingConfig
from polling.chunks import chunks
from polling.session import MoveRefused, Session
from runtime.faults import fault

logger = logging.getLogger(__name__)

SETTLED = b"$RenderSignal"
# On a settled mail that could not be delivered: a person should look.
DEAD = b"$RenderSignalDead"
# On one mail of the mailbox: whatever came later than this one is ours to look after.
START = b"$RenderSignalStart"
# On mails that came no later than the start and are ours all the same. Outranked by SETTLED.
PENDING = b"$RenderSignalPending"
SEEN = b"\\Seen"
FLAGGED = b"\\Flagged"
UIDS_PER_STORE = 200
OVERLAP = timedelta(days=2)


@dataclass(frozen=True)
class After:
    """What is done with a mail that was delivered: the flags it gets, and the folder that it is
    moved to, "" for none."""

    flags: tuple[bytes, ...] = ()
    folder: str = ""


READ = After(flags=(SEEN,))
AFTER = {"read": READ, "nothing": After(), "flag": After(flags=(FLAGGED,))}


def after_relay(config: PollingConfig) -> After:
    if config.after_relay == "move":
        return After(flags=(SEEN,), folder=config.after_relay_folder or "")
    return AFTER[config.after_relay]


def start(session: Session) -> int | None:
    """The mail after which all are ours to look after; None if no mail bears that mark."""
    return min(_starts(session), default=None) if session.keywords_allowed else None


def _starts(session: Session) -> list[int]:
    return session.search(["KEYWORD", START])


def unsettled(
    session: Session,
    mark: int | None,
    since: date,
    known_until: datetime | None,
    last_uid: int | None = None,
) -> list[int]:
    """The mails that may need work when the watermark is of no use.

    Met for the first time: the unread ones. Known before: all that are ours and not settled,
    read or not, and the unread ones from before. None from before since, but for those whose
    reading had begun. mark is the start(). known_until is when our own journal last saw this
    mailbox, None if it never did; with that, what it has missed since is found even if the
    server has lost our marks. last_uid was there at an earlier try, None at the first: what
    came later is ours.
    """
    recent = ["SINCE", since]
    if not session.keywords_allowed:
        later = [] if last_uid is None else session.search_above(last_uid)
        return sorted({*later, *_missed(session, known_until, ["UNSEEN", *recent], [])})
    open_mails = ["UNKEYWORD", SETTLED]
    begun = session.search(["KEYWORD", PENDING, *open_mails])
    unread = ["UNSEEN", *open_mails, *recent]
    if mark is not None:
        later = session.search([*open_mails, *recent, "UID", f"{mark + 1}:*"])
        later = [uid for uid in later if uid > mark]
        return sorted({*begun, *later, *session.search(unread)})
    if session.search(["KEYWORD", SETTLED, *recent]):
        return sorted({*begun, *session.search([*open_mails, *recent])})
    return sorted({*begun, *_missed(session, known_until, unread, open_mails)})


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


def undertake(session: Session, uids: Iterable[int], last_uid: int, mark: int | None) -> list[int]:
    """Leave marks by which these mails are found again whoever reads them meanwhile. To be
    called before they are read; repeating it does no harm. Those that now bear PENDING.

    last_uid is the last mail that was there: what comes later needs no mark of its own. mark is
    the start(). uids were found just now: if the last one is last_uid, it is there.
    """
    if not session.keywords_allowed:
        return []
    marked = _mark_pending(session, uids, mark)
    if mark is None and marked[-1:] == [last_uid]:
        session.add_flags([last_uid], [START])
    elif mark is None:
        mark_start(session, last_uid)
    return marked


def anchor(session: Session, ours: Iterable[int], last_uid: int) -> None:
    """See to it that one start is there. Without it, ours are undertaken anew: those of the
    journal that are unsettled, any of which may have gone from the mailbox.

    A mail that was moved away and back, or copied, bears the start still, under a UID above what
    waits. It is not believed, and loses that mark.
    """
    if not session.keywords_allowed:
        return
    starts = _starts(session)
    first = min(starts, default=None)
    if first is None or first > last_uid:
        _mark_pending(session, ours, None)
        first = mark_start(session, last_uid)
    if surplus := [uid for uid in starts if uid != first]:
        session.remove_flags(surplus, [START])


def _mark_pending(session: Session, uids: Iterable[int], mark: int | None) -> list[int]:
    marked = sorted(uid for uid in uids if mark is None or uid <= mark)
    for chunk in chunks(marked, UIDS_PER_STORE):
        session.add_flags(chunk, [PENDING])
    return marked


def mark_start(session: Session, last_uid: int) -> int | None:
    """Mark the last mail up to this one as the start; if there is none, the first one after it,
    which is ours then. Its UID; None while the mailbox is empty."""
    # The last mail of all is in this range even if its UID is lower (RFC 9051, 6.4.9).
    found = session.search(["UID", f"{last_uid + 1}:*"])
    if not found:
        return None
    session.add_flags(found[:1], [START] if found[0] <= last_uid else [START, PENDING])
    return found[0]


def release(session: Session, uids: Iterable[int]) -> None:
    """These mails turned out to be no business of ours."""
    for chunk in chunks(sorted(uids), UIDS_PER_STORE):
        session.remove_flags(chunk, [PENDING])


def acknowledge(
    session: Session, delivered: Iterable[int], dead: Iterable[int], after: After = READ
) -> bool:
    """Mark mails as settled, and do with the delivered ones what is wanted after that. To be
    called after the settling is committed, never before. Repeating it does no harm. False
    if the server takes no marks."""
    delivered, dead = sorted(delivered), sorted(dead)
    flags = [SETTLED, *after.flags] if session.keywords_allowed else {SEEN, *after.flags}
    for chunk in chunks(delivered, UIDS_PER_STORE):
        session.add_flags(chunk, list(flags))
    if session.keywords_allowed:
        for chunk in chunks(dead, UIDS_PER_STORE):
            session.add_flags(chunk, [SETTLED, DEAD])
    if session.refusal is not None:
        return False
    if session.keywords_allowed:
        _check_kept(session, [*delivered, *dead])
    if after.folder:
        fault("mail.flagged")
        _move(session, delivered, after.folder)
    return True


def _move(session: Session, uids: Sequence[int], folder: str) -> None:
    """The last step: a mail that cannot be moved is settled all the same."""
    for chunk in chunks(uids, UIDS_PER_STORE):
        if not session.can_move:
            return
        try:
            session.move(chunk, folder)
        except MoveRefused as exc:
            session.can_move = False
            logger.warning(
                "Mails of mailbox %s are not moved to %s: %s", session.account.name, folder, exc
            )


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
