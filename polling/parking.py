"""Mails that could not be read: they are parked, tried again, and at last quarantined."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Min, QuerySet
from django.utils import timezone

from configstore.store import ConfigurationUnknown
from polling import fetch
from polling.errors import MailboxTrouble
from polling.intake import Intake
from polling.models import Mail, MailboxState, MailState
from polling.quarantine import park
from polling.session import Session
from runtime.log_context import log_context

logger = logging.getLogger(__name__)

WITNESSES = 3


class Parking:
    """The parked mails of one mailbox.

    A session that ends while a mail is read does not show whose fault that was: the network
    may be down for all. It is the mail's own if the same session could show another one.
    """

    def __init__(
        self, intake: Intake, may_go_on: Callable[[], bool], on_enqueued: Callable[[], None]
    ) -> None:
        self._intake = intake
        self._may_go_on = may_go_on
        self._on_enqueued = on_enqueued

    def take_alone(
        self, session: Session, mailbox: MailboxState, uid: int, *, proven: bool = False
    ) -> None:
        """Read one mail that may be poison; it is parked if that fails. Raises MailboxTrouble all
        the same when the session is over. proven: a failure is its own fault."""
        with log_context(mailbox=mailbox.name, uid=uid):
            self._take_alone(session, mailbox, uid, proven)

    def _take_alone(self, session: Session, mailbox: MailboxState, uid: int, proven: bool) -> None:
        try:
            self._intake.take(session, mailbox, [uid], None, proven=proven)
        except MailboxTrouble as exc:
            park(mailbox, uid, str(exc), proven=proven)
            raise
        except (DatabaseError, ConfigurationUnknown):
            raise
        except Exception as exc:
            # Whatever a mail does to our own code, the mails behind it must not wait for it.
            logger.exception("Mail uid=%d of mailbox %s could not be read", uid, mailbox.name)
            park(mailbox, uid, f"{type(exc).__name__} while reading it", proven=True)

    def retry(self, session: Session, mailbox: MailboxState) -> None:
        """Try those that are due; when one could be read, also those that may have failed for
        no fault of their own."""
        healed = False
        for row in list(_parked(mailbox)):
            if not self._may_go_on():
                return
            due = row.retry_at is None or row.retry_at <= timezone.now()
            if due or (healed and not row.tries):
                proven = self._shows_another(session, mailbox, row.uid)
                self.take_alone(session, mailbox, row.uid, proven=proven)
                healed = healed or not _parked(mailbox).filter(pk=row.pk).exists()
                self._on_enqueued()

    def next_in(self, mailbox: MailboxState) -> float | None:
        """In how many seconds the next one is due, None if none is parked."""
        due: datetime | None = _parked(mailbox).aggregate(due=Min("retry_at"))["due"]
        return None if due is None else max(0.0, (due - timezone.now()).total_seconds())

    def _shows_another(self, session: Session, mailbox: MailboxState, uid: int) -> bool:
        """Whether this session can show the text of another mail; or, of the only mail that there
        is to be shown, anything at all."""
        try:
            return self._witnessed(session, mailbox, uid)
        except MailboxTrouble as exc:
            # A witness may be poison itself: it must not keep everything else waiting.
            park(mailbox, uid, str(exc), proven=False)
            raise

    def _witnessed(self, session: Session, mailbox: MailboxState, uid: int) -> bool:
        others = _rows(mailbox).exclude(uid=uid)
        read = others.exclude(message_id="").filter(size__lte=fetch.SMALL_BYTES).order_by("-uid")
        if fetch.shows_text(session, list(read.values_list("uid", flat=True)[:WITNESSES])):
            return True
        newest = session.newest()
        failed = others.filter(state__in=[MailState.FAILED, MailState.QUARANTINED])
        if newest != [uid]:
            suspect = failed.filter(uid__in=newest).exists()
            return not suspect and fetch.shows_text(session, newest)
        return not failed.filter(state=MailState.FAILED).exists() and bool(session.flags([uid]))


def _rows(mailbox: MailboxState) -> QuerySet[Mail]:
    return Mail.objects.filter(mailbox=mailbox, uidvalidity=mailbox.uidvalidity)


def _parked(mailbox: MailboxState) -> QuerySet[Mail]:
    return _rows(mailbox).filter(state=MailState.FAILED).order_by("retry_at", "uid")
