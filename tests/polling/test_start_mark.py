"""The mail that bears the start goes, and what waits is found all the same by a new disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from polling.accounts import Account
from polling.models import MailboxState
from polling.session import Session
from tests.polling.documents import Memory
from tests.polling.examples import mail
from tests.polling.working import make_work
from tests.servers.mailbox import Mailbox
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db
Begin = Callable[..., "Poll"]


class Poll:
    """The work on one session, round by round."""

    def __init__(self, mailbox: Mailbox, session: Session, memory: Memory) -> None:
        self.mailbox, self.session, self.work = mailbox, session, make_work(memory)
        self.work.opened(session)
        self.work.read(session)

    def read(self) -> None:
        self.session.noop()
        self.work.read(self.session)

    def come(self, *subjects: str) -> list[int]:
        uids = [self.mailbox.append(mail(subject)) for subject in subjects]
        self.read()
        return uids


@pytest.fixture
def begin(mailbox: Mailbox) -> Iterator[Begin]:
    account = Account(
        name="default", host=mailbox.host, port=mailbox.port, security="none", auth="auto",
        user=mailbox.user, password=mailbox.password, folder="INBOX",
    )  # fmt: skip
    with ExitStack() as stack:

        def begin(**fields: Any) -> Poll:
            session = stack.enter_context(closing(Session(account, 10.0)))
            documents = Memory()
            documents.documents["polling_config"] = fields
            return Poll(mailbox, session, documents)

        yield begin


def back_and_forth(mailbox: Mailbox, uid: int) -> None:
    """Somebody moves it to another folder, and back at once."""
    mailbox.create_folder("Elsewhere")
    for here, there in (("INBOX", "Elsewhere"), ("Elsewhere", "INBOX")):
        with mailbox.client() as client:
            client.select_folder(here)
            client.move([uid] if here == "INBOX" else client.search(), there)


def found_by_a_new_disk(mailbox: Mailbox, begin: Begin) -> list[str]:
    """After somebody has read all there is."""
    for uid in mailbox.uids():
        mailbox.mark(uid, r"\Seen")
    Delivery.objects.all().delete()
    MailboxState.objects.all().delete()
    begin()
    return sorted(Delivery.objects.values_list("subject", flat=True))


def test_it_was_the_last_mail_and_waited_itself(mailbox: Mailbox, begin: Begin) -> None:
    mailbox.drop(mail(subject).as_bytes() for subject in ("one", "two"))
    poll = begin()
    mailbox.expunge(2)
    poll.read()
    poll.come("three")
    assert found_by_a_new_disk(mailbox, begin) == ["one", "three"]


def test_all_mails_are_deleted_and_others_come(mailbox: Mailbox, begin: Begin) -> None:
    mailbox.drop(mail(subject).as_bytes() for subject in ("one", "two"))
    poll = begin()
    mailbox.expunge(1)
    mailbox.expunge(2)
    poll.read()
    poll.come("three", "four")
    assert found_by_a_new_disk(mailbox, begin) == ["four", "three"]


def test_it_was_moved_away_and_back(mailbox: Mailbox, begin: Begin) -> None:
    mailbox.append(mail("one"), flags=[r"\Seen"])
    poll = begin()
    poll.come("two", "three")
    back_and_forth(mailbox, 1)
    poll.read()
    poll.come("four")
    assert {"two", "three", "four"} <= {*found_by_a_new_disk(mailbox, begin)}


def test_it_came_back_behind_a_mail_that_nobody_has_looked_at(
    mailbox: Mailbox, begin: Begin
) -> None:
    mailbox.append(mail("one"), flags=[r"\Seen"])
    poll = begin()
    poll.come("two")
    mailbox.append(mail("three"))
    back_and_forth(mailbox, 1)
    poll.read()
    assert {"two", "three"} <= {*found_by_a_new_disk(mailbox, begin)}


def test_it_was_copied_before_it_was_deleted(mailbox: Mailbox, begin: Begin) -> None:
    mailbox.append(mail("one"), flags=[r"\Seen"])
    poll = begin()
    poll.come("two")
    with mailbox.client() as client:
        client.select_folder("INBOX")
        client.copy([1], "INBOX")
    poll.come("four")
    mailbox.expunge(1)
    poll.read()
    assert {"two", "four"} <= {*found_by_a_new_disk(mailbox, begin)}


def test_we_moved_it_ourselves_at_the_end_of_a_pass(mailbox: Mailbox, begin: Begin) -> None:
    mailbox.append(mail("one"))
    poll = begin(after_relay="move", after_relay_folder="Done")
    poll.come("two")
    Delivery.objects.filter(subject="one").update(state=State.DELIVERED)
    poll.work.acknowledge(poll.session, everything=True)
    assert mailbox.uids() == [2]
    assert found_by_a_new_disk(mailbox, begin) == ["two"]
