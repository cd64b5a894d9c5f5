"""The last mails of a folder against what the journal says of their UIDs.

A UID names one mail for ever (RFC 9051, 2.3.1.1), and new mails get higher ones. Some servers do
otherwise: they give a UID again after its mail was deleted, number the mails anew without a new
UIDVALIDITY, or show a mail late.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from polling.chunks import chunks
from polling.custody import DEAD, SETTLED
from polling.models import Mail, MailboxState, MailState
from polling.same_mail import is_same_mail
from polling.session import Session
from polling.shown import Key, Shown, shown_mails

logger = logging.getLogger(__name__)

CHECK_SECONDS = 900.0
# Their UIDs are one line.
TAIL = 200
# Whose sizes and dates are looked at as well, in a new session or on suspicion.
WITNESSES = 20
# What they say of a mail is not known.
PARKED = (MailState.FAILED, MailState.QUARANTINED)
UNREAD = (*PARKED, MailState.GONE)


class Reconciliation:
    """Of one mailbox, over all its sessions. Its methods raise MailboxTrouble."""

    def __init__(self) -> None:
        self._suspicious = True
        self._reset = False
        self._next = 0.0
        self._unfinished = False

    def opened(self, session: Session, mailbox: MailboxState) -> None:
        """A check that has ended a session is not made again on the next one."""
        self._suspicious = not self._unfinished
        self._reset = bool(session.uidnext) and (mailbox.last_uid or 0) >= (session.uidnext or 0)

    def suspect(self) -> None:
        """A mail was announced, and has no UID above all that are known."""
        self._suspicious = True

    def due(self) -> bool:
        return self._suspicious or time.monotonic() >= self._next

    def check(self, session: Session, mailbox: MailboxState, last_uid: int) -> list[int]:
        """Set the journal right, and park the mails that it does not know up to the watermark:
        they are to be read. The UIDs of those."""
        self._unfinished, self._next = True, time.monotonic() + CHECK_SECONDS
        mailbox.note_start(last_uid, timezone.now())  # a row of an older release has none
        uids = [uid for uid in session.newest(TAIL) if uid <= last_uid]
        rows = _rows(mailbox, uids)
        doubted = {*uids[-WITNESSES:]} if self._suspicious else set()
        doubted |= {uid for uid in uids if _is_missing(uid, rows.get(uid), mailbox)}
        # The very mails that end a session when the server is asked about them.
        doubted -= {uid for uid, row in rows.items() if row.state in PARKED}
        highest = max(uids, default=0)
        parked, lying = _set_right(
            mailbox, _shown_bare(session, mailbox, doubted, highest), highest
        )
        if lying:
            parked += self._walk_down(session, mailbox, last_uid)
        if lying or self._reset:
            _lower_watermark(session, mailbox, last_uid)
        self._suspicious = self._reset = self._unfinished = False
        return parked

    def _walk_down(self, session: Session, mailbox: MailboxState, last_uid: int) -> list[int]:
        """All of the folder, the newest mails first, as far as it differs."""
        logger.warning(
            "Mailbox %s gives UIDs to other mails without saying so (UIDVALIDITY is still %d): "
            "they are compared with the journal, nothing is relayed twice",
            mailbox.name,
            mailbox.uidvalidity,
        )
        parked: list[int] = []
        uids = session.search(["UID", f"1:{last_uid}"])
        for batch in chunks([*reversed(uids)], TAIL):
            shown = _shown_bare(session, mailbox, batch, uids[-1])
            more, lying = _set_right(mailbox, shown, uids[-1])
            parked += more
            if not (lying or more) and batch[0] != uids[-1]:
                break
        return parked


def _shown_bare(
    session: Session, mailbox: MailboxState, uids: Collection[int], highest: int
) -> dict[int, Shown]:
    """Their dates are noted where nothing else has changed. Without the marks that were meant for
    the mails that had these UIDs before: whoever reads a mail believes its mark."""
    shown = shown_mails(session, sorted(uids))
    for uid, row in _rows(mailbox, list(shown)).items():
        key = shown[uid].key
        redated = row.size == key.size and _is_another(row, key)
        if redated and is_same_mail(session, row):
            Mail.objects.filter(pk=row.pk).update(received_at=key.received_at)
    if any(mail.settled for mail in shown.values()):
        with transaction.atomic():
            strangers, _ = _set_right(mailbox, shown, highest)
            transaction.set_rollback(True)
        marked = [uid for uid in strangers if uid in shown and shown[uid].settled]
        if marked:
            session.remove_flags(marked, [SETTLED, DEAD])
            shown |= {uid: replace(shown[uid], settled=False) for uid in marked}
    return shown


def _rows(mailbox: MailboxState, uids: Sequence[int]) -> dict[int, Mail]:
    return {row.uid: row for row in _numbered(mailbox).filter(uid__in=list(uids))}


def _numbered(mailbox: MailboxState) -> QuerySet[Mail]:
    return Mail.objects.filter(mailbox=mailbox, uidvalidity=mailbox.uidvalidity)


def _is_missing(uid: int, row: Mail | None, mailbox: MailboxState) -> bool:
    """Whether the journal has nothing to say of a mail that is ours."""
    if row is not None:
        return row.state == MailState.GONE
    return mailbox.start_uid is not None and uid > mailbox.start_uid


def _is_another(row: Mail, key: Key) -> bool:
    if row.state in UNREAD:
        return False
    dated = row.received_at is not None and key.received_at is not None
    return row.size != key.size or (dated and row.received_at != key.received_at)


@transaction.atomic
def _set_right(
    mailbox: MailboxState, shown: Mapping[int, Shown], highest: int
) -> tuple[list[int], bool]:
    """The mails that were parked, and whether any row was about another mail. highest is the
    last UID in use."""
    rows = _rows(mailbox, list(shown))
    lying = {uid: row for uid, row in rows.items() if _is_another(row, shown[uid].key)}
    for row in lying.values():
        _retire(row)
    strangers = [uid for uid, row in rows.items() if row.state == MailState.GONE]
    bare = [uid for uid in shown if uid not in rows or uid in lying]
    homeless = _homeless(mailbox, [shown[uid].key for uid in bare], min(shown, default=0), highest)
    for uid in bare:
        if known := homeless[shown[uid].key]:
            _house(known.pop(), mailbox, uid)
        elif _is_ours(mailbox, uid, shown[uid], uid in lying):
            strangers.append(uid)
    _park(mailbox, strangers)
    return strangers, bool(lying)


def _homeless(
    mailbox: MailboxState, keys: Sequence[Key], lowest: int, highest: int
) -> dict[Key, list[Mail]]:
    """The rows that may be about these mails: they are retired, or have a UID below all that was
    looked at, or one that is not in use."""
    found: dict[Key, list[Mail]] = defaultdict(list)
    if not keys:
        return found
    elsewhere = Q(uid__lt=lowest) | Q(uid__gt=highest)
    rows = Mail.objects.filter(
        Q(uidvalidity__lt=0) | (Q(uidvalidity=mailbox.uidvalidity) & elsewhere),
        mailbox=mailbox,
        size__in={key.size for key in keys},
        received_at__in={key.received_at for key in keys if key.received_at},
    ).order_by("pk")
    for row in rows.exclude(state__in=UNREAD):
        found[Key(row.size, row.received_at)].append(row)
    return found


def _is_ours(mailbox: MailboxState, uid: int, mail: Shown, was_another: bool) -> bool:
    """Whether a mail that no row knows is to be read. The mark of custody proves nothing where it
    may have been set by a UID that means another mail."""
    if mail.settled and not was_another:
        return False
    arrived = mail.key.received_at
    if arrived is None or mailbox.start_uid is None or mailbox.started_at is None:
        return True
    if arrived < timezone.now() - timedelta(days=settings.MAILBOX_CATCH_UP_DAYS):
        return False  # its row may have been pruned
    if uid > mailbox.start_uid:
        return True
    # Dates of mails have no fractions. Whoever read it before we came is not told of it.
    began = mailbox.started_at.replace(microsecond=0)
    return arrived >= began and (was_another or not mail.seen)


def _retire(row: Mail) -> None:
    """What became of that mail stays in the journal."""
    row.uidvalidity = -row.pk
    row.fault = f"its UID {row.uid} belongs to another mail by now"
    row.save(update_fields=["uidvalidity", "fault"])


def _house(row: Mail, mailbox: MailboxState, uid: int) -> None:
    row.uid, row.uidvalidity, row.fault = uid, mailbox.uidvalidity, ""
    row.save(update_fields=["uid", "uidvalidity", "fault"])


def _park(mailbox: MailboxState, uids: Sequence[int]) -> None:
    """They are due at once, and on record from now on: no crash can lose them."""
    for uid in uids:
        Mail.objects.update_or_create(
            mailbox=mailbox,
            uidvalidity=mailbox.uidvalidity,
            uid=uid,
            defaults={"state": MailState.FAILED, "retry_at": None},
            create_defaults={"state": MailState.FAILED, "seen_at": timezone.now()},
        )


def _lower_watermark(session: Session, mailbox: MailboxState, last_uid: int) -> None:
    """The next mail may get any UID above the highest that is in use."""
    highest = max(session.newest(), default=0)
    if highest >= last_uid:
        return
    with transaction.atomic():
        for row in _numbered(mailbox).filter(uid__gt=highest):
            _retire(row)
        mailbox.advance(highest)
