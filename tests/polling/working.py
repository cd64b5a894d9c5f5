"""The work on a mailbox that a test drives: what it is shown, and what came of it."""

from __future__ import annotations

from django.utils import timezone

from polling.models import Mail
from polling.work import MailboxWork
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail


def make_work(documents: Memory | None = None) -> MailboxWork:
    store = store_of(documents or Memory())
    return MailboxWork(ACCOUNT, store, lambda: True, lambda: True, lambda: None)


def mailbox(count: int = 1, *, keywords: bool = True) -> FakeSession:
    return FakeSession(
        {uid: stored(f"mail {uid}") for uid in range(1, count + 1)}, keywords=keywords
    )


def read(work: MailboxWork, session: FakeSession) -> None:
    work.opened(session)
    work.read(session)


def states() -> dict[int, str]:
    return dict(Mail.objects.values_list("uid", "state"))


def stored(subject: str) -> StoredMail:
    return StoredMail(mail(subject).as_bytes(), timezone.now())
