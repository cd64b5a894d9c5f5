from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from polling import custody
from polling.custody import DEAD, PENDING, SEEN, SETTLED, START
from tests.polling.examples import ARRIVED
from tests.polling.fake_mailbox import FakeSession, StoredMail

NOW = ARRIVED + timedelta(days=1)


def stored(*flags: bytes, at: datetime = ARRIVED) -> StoredMail:
    return StoredMail(b"Subject: x\n\ntext", at, set(flags))


def unsettled(session: FakeSession, known_until: datetime | None = None) -> list[int]:
    since = (NOW - timedelta(days=30)).date()
    return custody.unsettled(session, custody.start(session), since, known_until)


def undertake(session: FakeSession, uids: Iterable[int], last_uid: int) -> list[int]:
    return custody.undertake(session, uids, last_uid, custody.start(session))


def test_a_mailbox_met_for_the_first_time_gives_its_unread_mails() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored(), 3: stored(at=NOW - timedelta(days=40))})
    assert unsettled(session) == [2]


def test_a_mailbox_known_before_gives_all_that_is_not_settled() -> None:
    session = FakeSession({1: stored(SETTLED, SEEN), 2: stored(SEEN), 3: stored()})
    assert unsettled(session) == [2, 3]


def test_what_was_read_before_we_came_is_none_of_our_business() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored(), 3: stored(SEEN, START), 4: stored(SEEN)})
    assert unsettled(session) == [2, 4]


def test_what_we_undertook_and_a_person_read_is_found_however_old_it_is() -> None:
    old = NOW - timedelta(days=40)
    session = FakeSession(
        {
            1: stored(SEEN, PENDING, at=old),
            2: stored(SEEN, PENDING, SETTLED),
            3: stored(SEEN),
            4: stored(SEEN, START),
        }
    )
    assert unsettled(session) == [1]


def test_a_first_contact_that_was_cut_short_is_taken_up_and_no_read_mail_relayed() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored(SEEN, PENDING), 3: stored()})
    assert unsettled(session) == [2, 3]


def test_what_our_journal_missed_is_found_even_if_the_server_lost_our_marks() -> None:
    session = FakeSession({1: stored(SEEN, at=NOW - timedelta(days=9)), 2: stored(SEEN)})
    assert unsettled(session, known_until=ARRIVED) == [2]


def test_without_keywords_the_unread_mails_are_unsettled() -> None:
    session = FakeSession({1: stored(SEEN), 2: stored()}, keywords=False)
    assert unsettled(session) == [2]


def test_what_is_undertaken_bears_a_mark_and_the_newest_mail_is_the_start() -> None:
    session = FakeSession({1: stored(), 2: stored(SEEN), 3: stored(SEEN)})
    assert undertake(session, [1], last_uid=3) == [1]
    assert [mail.flags for mail in session.mails.values()] == [{PENDING}, {SEEN}, {SEEN, START}]


def test_what_came_after_the_start_needs_no_mark() -> None:
    session = FakeSession({1: stored(), 2: stored(START), 3: stored()})
    assert undertake(session, [1, 3], last_uid=3) == [1]
    assert session.mails[3].flags == set()


def test_many_mails_are_undertaken_by_few_commands() -> None:
    session = FakeSession({uid: stored() for uid in range(1, 401)})
    undertake(session, range(1, 401), last_uid=400)
    assert len(session.stores) == 3


def test_the_start_is_not_marked_before_what_it_leaves_behind() -> None:
    session = FakeSession({1: stored()})
    undertake(session, [1], last_uid=1)
    assert [flags for _, flags in session.stores] == [{PENDING}, {START}]


def test_of_a_mail_that_is_ours_and_the_newest_nothing_more_is_asked() -> None:
    session = FakeSession({1: stored(), 2: stored()})
    undertake(session, [1, 2], last_uid=2)
    assert len(session.searches) == 1
    assert session.mails[2].flags == {PENDING, START}


def test_an_empty_mailbox_has_no_mail_to_bear_the_mark() -> None:
    assert not custody.mark_start(FakeSession({}), 0)


def test_the_first_mails_of_an_empty_mailbox_are_all_ours() -> None:
    session = FakeSession({7: stored(), 8: stored()})
    assert custody.mark_start(session, 6)
    for item in session.mails.values():
        item.flags.add(SEEN)
    assert unsettled(session) == [7, 8]


def test_without_keywords_nothing_is_marked_before_it_is_settled() -> None:
    session = FakeSession({1: stored()}, keywords=False)
    assert undertake(session, [1], last_uid=1) == []
    assert session.stores == []


def test_what_is_no_business_of_ours_keeps_no_mark() -> None:
    session = FakeSession({1: stored(SEEN, PENDING)})
    custody.release(session, [1])
    assert session.mails[1].flags == {SEEN}


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
