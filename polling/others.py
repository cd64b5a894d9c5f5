"""What another poller, with a database of its own, has settled meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from configstore.documents import PollingConfig
from polling import custody
from polling.accounts import Account
from polling.chunks import pages
from polling.models import Mail, MailState
from polling.moved import settled_ones
from polling.session import Session
from webhooks import journal
from webhooks.withdrawal import withdraw

logger = logging.getLogger(__name__)
ROWS_PER_QUERY = 500


class Others:
    """rows are those of the mailbox in these states, under its present numbering."""

    def __init__(
        self,
        account: Account,
        config: Callable[[], PollingConfig],
        rows: Callable[..., QuerySet[Mail]],
    ) -> None:
        self._account = account
        self._config = config
        self._rows = rows

    def withdraw(self, session: Session) -> None:
        """Only our keyword proves it. A server without keywords has none: there all is sent,
        and a repeat carries the webhook-id of the first. Raises MailboxTrouble."""
        if not session.keywords_allowed:
            return
        waiting = self._rows(MailState.RELAYED).filter(
            journal.has_open("message_id", self._account.name)
        )
        for page in pages(waiting, ROWS_PER_QUERY, "uid", "message_id"):
            by_uid = dict(page)
            flags = session.flags(list(by_uid))
            marked = {uid: found for uid, found in flags.items() if custody.SETTLED in found}
            gone = by_uid.keys() - flags.keys()
            marked |= self._moved(session, self._rows(MailState.RELAYED).filter(uid__in=gone))
            if marked:
                self._withdraw(session, by_uid, marked)

    def _moved(self, session: Session, gone: QuerySet[Mail]) -> dict[int, frozenset[bytes]]:
        """Those that whoever settled them moved away, as the settings of the mailbox say."""
        folder = custody.after_relay(self._config()).folder
        if not folder or not gone.exists():
            return {}
        found = settled_ones(session, folder, list(gone))
        return dict.fromkeys(found, frozenset({custody.SETTLED}))

    def _withdraw(
        self, session: Session, by_uid: dict[int, str], marked: Mapping[int, Collection[bytes]]
    ) -> None:
        """The mails are settled as well: they bear the mark of whoever settled them, and a copy
        of one gets the same."""
        done = {by_uid[uid] for uid in marked}
        dead = {by_uid[uid] for uid, found in marked.items() if custody.DEAD in found}
        uids = [uid for uid, name in by_uid.items() if name in done]
        bare = [uid for uid in uids if uid not in marked]
        custody.acknowledge(
            session,
            delivered=[uid for uid in bare if by_uid[uid] not in dead],
            dead=[uid for uid in bare if by_uid[uid] in dead],
        )
        now = timezone.now()
        with transaction.atomic():
            withdraw(done, "settled by another poller", now)
            self._rows(MailState.RELAYED).filter(uid__in=uids).update(
                state=MailState.SETTLED, settled_at=now
            )
        for uid in sorted(uids):
            logger.info("Settled by another poller uid=%d message_id=%s", uid, by_uid[uid])
        logger.info("%d deliveries were settled by another poller", len(done))
