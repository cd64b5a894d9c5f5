"""From UIDs to rows: what a batch of mails becomes, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.store import ConfigStore
from polling import custody, fetch, rows
from polling.accounts import Account
from polling.groups import RelayedGroups, group_of
from polling.identity import message_id
from polling.mail import Body, Overview
from polling.models import Mail, MailboxState, MailState
from polling.quarantine import park
from polling.selection import screen, select
from polling.session import Session
from runtime.bulk_insert import insert
from runtime.database_clock import database_clock
from runtime.faults import fault
from runtime.log_context import log_context
from webhooks import outbox
from webhooks.acceptance import Acceptance
from webhooks.messages import Message
from webhooks.models import State
from webhooks.search import remember

logger = logging.getLogger(__name__)

# What is written anew of a mail that could not be read before.
DECIDED = (
    "state", "reason", "message_id", "subject", "sender_email", "words",
    "subject_group", "size", "received_at", "retry_at",
)  # fmt: skip
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
    """Reads mails of one mailbox and writes down what they are. Never sends anything.
    on_settled is told the ids of messages that need not be sent."""

    def __init__(
        self,
        account: Account,
        store: ConfigStore,
        on_settled: Callable[[set[str]], None] = lambda _: None,
    ) -> None:
        self._account = account
        self._store = store
        self._on_settled = on_settled
        self._acceptance = Acceptance(store)

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
        now = database_clock.now()
        unknown = self._unknown(mailbox, uids)
        batch = Batch()
        overviews = fetch.overviews(session, unknown) if unknown else {}
        wanted = []
        for uid in unknown:
            if uid not in overviews:
                batch.rows.append(rows.gone(mailbox, uid, now))
            elif (overview := overviews[uid]) is None:
                batch.unseen.append(uid)
            elif custody.SETTLED in overview.flags:
                batch.rows.append(rows.settled_elsewhere(mailbox, overview, now))
            elif reason := screen(overview, config, prefs):
                batch.rows.append(rows.ignored(mailbox, overview, reason, now))
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
                batch.rows.append(rows.gone(mailbox, uid, now))
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
            batch.rows.append(rows.ignored(mailbox, overview, reason, now))
            return
        groups.add(group, arrived, name)
        batch.rows.append(rows.relayed(mailbox, overview, now, name))
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
        deliveries = self._acceptance.deliveries(batch.messages, now)
        fault("intake.read")
        with transaction.atomic():
            insert(batch.rows, update=DECIDED, unique=("mailbox", "uidvalidity", "uid"))
            for uid in batch.unseen:
                park(mailbox, uid, NOT_SHOWN, proven=batch.proven)
            outbox.enqueue(deliveries)
            remember(batch.messages)
            if watermark is not None:
                MailboxState.objects.filter(pk=mailbox.pk).update(last_uid=watermark)
            fault("intake.written")
        fault("intake.committed")
        if watermark is not None:
            mailbox.last_uid = watermark
        for row in batch.rows:
            rows.tell(mailbox, row)
        accepted = [row for row in deliveries if row.state == State.DELIVERED]
        for delivery in accepted:
            with log_context(message_id=delivery.message_id):
                ids = delivery.webhook_id, delivery.endpoint
                logger.info("Not sent again webhook_id=%s endpoint=%s: %s", *ids, delivery.reason)
        if accepted:
            self._on_settled({delivery.message_id for delivery in accepted})
