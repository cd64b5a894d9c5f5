"""A journal with mails of long ago."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from configstore.store import ConfigStore
from polling.models import Mail
from polling.pruning import prune
from polling.work import MailboxWork
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import FakeSession, StoredMail
from webhooks.models import Attempt, Delivery, State

LONG = timedelta(days=200)


def store(days: int = 90, **polling: object) -> ConfigStore:
    documents = Memory()
    documents.documents["processing_prefs"] = {"journal_days": days}
    documents.documents["polling_config"] = polling
    return store_of(documents)


def pruned(config: ConfigStore | None = None) -> tuple[int, int]:
    return prune(config or store(), timezone.now(), Stop())


def stored(subject: str, ago: timedelta) -> StoredMail:
    arrived = (timezone.now() - ago).replace(microsecond=0)
    return StoredMail(mail(subject).as_bytes(), arrived)


def read(work: MailboxWork, session: FakeSession) -> None:
    session.uidnext = max(session.mails, default=0) + 1
    work.opened(session)
    work.read(session)


def settle(work: MailboxWork, session: FakeSession, state: State = State.DELIVERED) -> None:
    now = timezone.now()
    Delivery.objects.filter(settled_at=None).update(state=state, settled_at=now)
    for row in Delivery.objects.filter(tries=None):
        Attempt.objects.create(delivery=row, number=1, token=uuid.uuid4(), started_at=now)
    work.acknowledge(session, everything=True)


def age(*uids: int) -> None:
    """As if what was done about these mails had been done long ago."""
    rows = Mail.objects.filter(uid__in=uids)
    names = list(rows.values_list("message_id", flat=True))
    rows.update(seen_at=F("seen_at") - LONG, settled_at=F("settled_at") - LONG)
    Delivery.objects.filter(message_id__in=names, settled_at__isnull=False).update(
        settled_at=F("settled_at") - LONG, created_at=F("created_at") - LONG
    )


def lived(
    work: MailboxWork, *, keywords: bool = True, state: State = State.DELIVERED
) -> FakeSession:
    """A mailbox with three mails of long ago and three of today, all of them settled."""
    session = FakeSession({}, keywords=keywords)
    read(work, session)
    for uid in range(1, 7):
        session.mails[uid] = stored(f"mail {uid}", LONG if uid < 4 else timedelta(hours=1))
    read(work, session)
    settle(work, session, state)
    age(1, 2, 3)
    return session


def uids() -> list[int]:
    return sorted(Mail.objects.values_list("uid", flat=True))


def sent() -> list[str]:
    return sorted(Delivery.objects.values_list("subject", flat=True))
