"""From UIDs to rows: what a batch of mails becomes, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.store import ConfigStore
from polling import custody, fetch
from polling.accounts import Account
from polling.groups import RelayedGroups, group_of
from polling.identity import message_id
from polling.mail import Body, Overview
from polling.models import Mail, MailboxState, MailState
from polling.quarantine import park
from polling.selection import Reason, screen, select
from polling.session import Session
from webhooks import outbox
from webhooks.messages import Message

logger = logging.getLogger(__name__)

NOT_SHOWN = "IMAP FETCH failed: the server does not show this mail"


@dataclass(kw_only=True)
class Batch:
    """What is to be written for some mails: rows, messages to relay, and the UIDs of mails that
    the server did not show."""

    rows: list[Mail] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)
    showed_text: bool = False
    proven: bool = False


class Intake:
    """Reads mails of one mailbox and writes down what they are. Never sends anything."""

    def __init__(self, account: Account, store: ConfigStore) -> None:
        self._account = account
        self._store = store

    def take(
        self,
        session: Session,
        mailbox: MailboxState,
        uids: Sequence[int],
        watermark: int | None,
        *,
        proven: bool = False,
    ) -> list[int]:
        """Read these mails and commit what they are; then the watermark, if one is given.

        The UIDs of the mails that are relayed now. Raises MailboxTrouble: then nothing of it
        is written, and a batch of several may be tried one by one. A mail that the server
        does not show is parked, for its own fault if proven or if it showed others.
        """
        config = self._store.get(PollingConfig, self._account.document)
        prefs = self._store.get(ProcessingPrefs)
        now = timezone.now()
        unknown = self._unknown(mailbox, uids)
        batch = Batch()
        overviews = fetch.overviews(session, unknown) if unknown else {}
        wanted = []
        for uid in unknown:
            if uid not in overviews:
                batch.rows.append(self._row(mailbox, uid, now, state=MailState.GONE))
            elif (overview := overviews[uid]) is None:
                batch.unseen.append(uid)
            elif custody.SETTLED in overview.flags:
                batch.rows.append(self._settled_elsewhere(mailbox, overview, now))
            elif reason := screen(overview, config, prefs):
                batch.rows.append(self._ignored(mailbox, overview, reason, now))
            else:
                wanted.append(overview)
        if wanted:
            self._decide_all(batch, session, mailbox, wanted, now)
        batch.proven = proven or batch.showed_text
        self._commit(batch, mailbox, watermark, now)
        return [row.uid for row in batch.rows if row.state == MailState.RELAYED]

    def _decide_all(
        self,
        batch: Batch,
        session: Session,
        mailbox: MailboxState,
        wanted: Sequence[Overview],
        now: datetime,
    ) -> None:
        contents = fetch.bodies(session, wanted)
        groups = RelayedGroups.of(
            wanted, self._store.get(PollingConfig, self._account.document), now
        )
        for overview in wanted:
            uid = overview.uid
            if uid not in contents:
                batch.rows.append(self._row(mailbox, uid, now, state=MailState.GONE))
            elif (body := contents[uid]) is None:
                batch.unseen.append(uid)
            else:
                batch.showed_text = True
                self._decide(batch, mailbox, overview, body, groups, now)

    def _unknown(self, mailbox: MailboxState, uids: Sequence[int]) -> list[int]:
        known = set(
            Mail.objects.filter(
                mailbox=mailbox, uidvalidity=mailbox.uidvalidity, uid__in=list(uids)
            )
            .exclude(state=MailState.FAILED)
            .values_list("uid", flat=True)
        )
        return [uid for uid in uids if uid not in known]

    def _decide(
        self,
        batch: Batch,
        mailbox: MailboxState,
        overview: Overview,
        body: Body,
        groups: RelayedGroups,
        now: datetime,
    ) -> None:
        config = self._store.get(PollingConfig, self._account.document)
        prefs = self._store.get(ProcessingPrefs)
        name = message_id(self._account, overview, body)
        group, arrived = group_of(overview), overview.received_at or now
        taken = {group} if groups.keep_back(group, arrived, name) else ()
        if reason := select(overview.header, body, config, prefs, taken):
            batch.rows.append(self._ignored(mailbox, overview, reason, now))
            return
        groups.add(group, arrived, name)
        row = self._described(mailbox, overview, now, state=MailState.RELAYED, message_id=name)
        row.subject_group = group[:1000]
        batch.rows.append(row)
        batch.messages.append(self._message(name, overview, body, now))

    def _message(self, name: str, overview: Overview, body: Body, now: datetime) -> Message:
        header = overview.header
        return Message(
            id=name,
            source=self._account.name,
            subject=header.subject,
            sender=header.sender,
            sender_email=header.sender_email,
            sent=header.date,
            received_at=overview.received_at or now,
            text=body.text,
            links=body.links,
        )

    def _commit(
        self, batch: Batch, mailbox: MailboxState, watermark: int | None, now: datetime
    ) -> None:
        """The mails, their deliveries and the watermark: all of it or nothing."""
        with transaction.atomic():
            Mail.objects.bulk_create(
                batch.rows,
                update_conflicts=True,
                unique_fields=["mailbox", "uidvalidity", "uid"],
                update_fields=[
                    "state", "reason", "message_id", "subject", "sender_email",
                    "subject_group", "size", "received_at", "retry_at",
                ],
            )  # fmt: skip
            for uid in batch.unseen:
                park(mailbox, uid, NOT_SHOWN, proven=batch.proven)
            outbox.enqueue(batch.messages, self._store.get(WebhookConfig), now)
            if watermark is not None:
                MailboxState.objects.filter(pk=mailbox.pk).update(last_uid=watermark)
        if watermark is not None:
            mailbox.last_uid = watermark
        for row in batch.rows:
            _log(mailbox, row)

    def _ignored(
        self, mailbox: MailboxState, overview: Overview, reason: Reason, now: datetime
    ) -> Mail:
        return self._described(mailbox, overview, now, state=MailState.IGNORED, reason=reason)

    def _settled_elsewhere(self, mailbox: MailboxState, overview: Overview, now: datetime) -> Mail:
        """By a poller with a database of its own, while the mailbox was not ours. Its subject
        group has had its mail."""
        row = self._described(mailbox, overview, now, state=MailState.SETTLED, settled_at=now)
        row.subject_group = group_of(overview)[:1000]
        return row

    def _described(
        self, mailbox: MailboxState, overview: Overview, now: datetime, **fields: object
    ) -> Mail:
        return self._row(
            mailbox,
            overview.uid,
            now,
            subject=overview.header.subject[:1000],
            sender_email=overview.header.sender_email[:500],
            size=overview.size,
            received_at=overview.received_at,
            **fields,
        )

    def _row(self, mailbox: MailboxState, uid: int, now: datetime, **fields: object) -> Mail:
        return Mail(
            mailbox=mailbox, uidvalidity=mailbox.uidvalidity, uid=uid, seen_at=now, **fields
        )


def _log(mailbox: MailboxState, row: Mail) -> None:
    if row.state == MailState.IGNORED:
        logger.info("Ignored mail uid=%d mailbox=%s reason=%s", row.uid, mailbox.name, row.reason)
        return
    logger.info(
        "Mail uid=%d mailbox=%s state=%s message_id=%s",
        row.uid,
        mailbox.name,
        row.state,
        row.message_id,
    )
