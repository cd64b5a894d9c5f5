"""A folder of which something was seen before."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from polling.models import Mail
from polling.work import MailboxWork
from tests.polling.examples import mail
from tests.polling.fake_mailbox import FakeSession, StoredMail
from webhooks.models import Delivery


def stored(subject: str, seconds_ago: float = 0.0, *flags: bytes) -> StoredMail:
    arrived = timezone.now().replace(microsecond=0) - timedelta(seconds=seconds_ago)
    return StoredMail(mail(subject).as_bytes(), arrived, set(flags))


def mailbox(*subjects: str) -> FakeSession:
    """Mails that arrived one after the other, an hour ago."""
    mails = {uid: stored(subject, 3600 - 10 * uid) for uid, subject in enumerate(subjects, start=1)}
    return FakeSession(mails)


def read(work: MailboxWork, session: FakeSession) -> None:
    session.uidnext = max(session.mails, default=0) + 1
    session.searches.clear()
    session.headcount.grown = False
    work.opened(session)
    work.read(session)


def relayed() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("subject", flat=True))


def rows() -> dict[int, tuple[str, str]]:
    found = Mail.objects.filter(uidvalidity__gt=0)
    return {row.uid: (row.subject, row.state) for row in found}
