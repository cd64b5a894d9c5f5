from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from polling import custody
from polling.custody import DEAD, SEEN, SETTLED, START
from tests.polling.examples import ARRIVED
from tests.polling.fake_mailbox import FakeSession, StoredMail

NOW = ARRIVED + timedelta(days=1)


def stored(*flags: bytes, at: datetime = ARRIVED) -> StoredMail:
    return StoredMail(b"Subject: x\n\ntext", at, set(flags))


def unsettled(session: FakeSession, known_until: datetime | None = None) -> list[int]:
    return custody.unsettled(session, NOW, 30, known_until)


def test_a_mailbox_met_for_the_first_time_gives_its_unread_mails() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored(), 3: stored(at=NOW - timedelta(days=40))})
    assert unsettled(session) == [2]


def test_a_mailbox_known_before_gives_all_that_is_not_settled() -> None:
    session = FakeSession({1: stored(SETTLED, SEEN), 2: stored(SEEN), 3: stored()})
    assert unsettled(session) == [2, 3]


def test_what_was_read_before_we_came_is_none_of_our_business() -> None:
    session = FakeSession(
        {1: stored(SEEN), 2: stored(), 3: stored(SEEN, START, SETTLED), 4: stored(SEEN)}
    )
    assert unsettled(session) == [2, 4]


def test_what_our_journal_missed_is_found_even_if_the_server_lost_our_marks() -> None:
    session = FakeSession({1: stored(SEEN, at=NOW - timedelta(days=9)), 2: stored(SEEN)})
    assert unsettled(session, known_until=ARRIVED) == [2]


def test_without_keywords_the_unread_mails_are_unsettled() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored()}, keywords=False)
    assert unsettled(session) == [2]


@pytest.mark.parametrize(
    ("flags", "open_uids", "marks"),
    [
        ({SEEN}, set(), {SEEN, START, SETTLED}),
        (set(), set(), {START}),
        ({SEEN}, {2}, {SEEN, START}),
    ],
)
def test_the_start_is_marked_on_the_newest_mail(
    flags: set[bytes], open_uids: set[int], marks: set[bytes]
) -> None:
    session = FakeSession({1: stored(), 2: stored(*flags)})
    assert custody.mark_start(session, 2, open_uids)
    assert session.mails[2].flags == marks
    assert session.mails[1].flags == set()


def test_an_empty_mailbox_has_no_mail_to_bear_the_mark() -> None:
    assert not custody.mark_start(FakeSession({}), 0, set())


def test_the_start_is_marked_once() -> None:
    session = FakeSession({1: stored(START), 2: stored()})
    assert custody.mark_start(session, 2, set())
    assert session.mails[2].flags == set()


def test_delivered_mails_are_marked_as_settled_and_read() -> None:
    session = FakeSession({1: stored(), 2: stored()})
    custody.acknowledge(session, delivered=[1], dead=[2])
    assert session.mails[1].flags == {SETTLED, SEEN}
    assert session.mails[2].flags == {SETTLED, DEAD}


def test_a_server_that_forgets_keywords_is_found_out() -> None:
    session = FakeSession({1: stored()})
    session.add_flags = lambda uids, flags: None  # type: ignore[method-assign]
    custody.acknowledge(session, delivered=[1], dead=[])
    assert not session.keywords_allowed
