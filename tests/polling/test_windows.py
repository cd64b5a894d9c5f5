"""Searches of folders of any size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polling import windows
from polling.accounts import Account
from polling.errors import MailboxTrouble
from polling.session import Session
from polling.windows import Headcount
from tests.polling.fake_mailbox import FakeSession, StoredMail
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import MakeImap
from tests.servers.imap_mails import ScriptedMail
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command
from tests.servers.imap_session import Session as Peer
from tests.servers.mailbox import Mailbox

HUGE = 100_000
FIRST_UID = 4_000_000_000


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW", 3)


def folder(*uids: int) -> FakeSession:
    return FakeSession({uid: StoredMail(b"Subject: x\n\ntext") for uid in uids})


def open_session(port: int, user: str = "user", password: str = Dovecot.password) -> Session:
    account = Account(
        name="default", host="127.0.0.1", port=port, security="none", auth="auto", user=user,
        password=password, folder="INBOX",
    )  # fmt: skip
    return Session(account, 10.0)


def test_the_windows_cover_the_folder_from_the_newest_mail_down(small_windows: None) -> None:
    assert list(windows.windows(7)) == ["7:*", "4:6", "1:3"]
    assert list(windows.windows(6)) == ["4:*", "1:3"]
    assert list(windows.windows(1)) == ["1:*"]


def test_a_folder_of_ordinary_size_is_searched_by_one_command(small_windows: None) -> None:
    session = folder(1, 20, 300)
    assert session.search(["UNSEEN"]) == [1, 20, 300]
    assert session.search_above(1) == [20, 300]
    assert session.searches == ["UNSEEN", "UID 2:*"]


def test_a_large_folder_is_searched_by_windows(small_windows: None) -> None:
    session = folder(1, 20, 300, 4000, 50000)
    session.mails[20].flags.add(b"\\Seen")
    assert session.search(["UNSEEN"]) == [1, 300, 4000, 50000]
    assert session.searches == ["4:* UNSEEN", "1:3 UNSEEN"]


def test_nothing_new_in_a_large_folder_costs_one_command(small_windows: None) -> None:
    session = folder(1, 20, 300, 4000, 50000)
    assert session.search_above(50000) == []
    assert session.searches == ["4:* UID 50001:*"]


def test_what_is_new_is_looked_for_as_far_down_as_there_is_any(small_windows: None) -> None:
    session = folder(*range(1, 12))
    assert session.search_above(6) == [7, 8, 9, 10, 11]
    assert [line.split()[0] for line in session.searches] == ["10:*", "7:9", "4:6"]


def test_an_expunge_between_two_windows_hides_no_mail(small_windows: None) -> None:
    session = folder(*range(1, 9))
    asked: list[object] = []

    def ask(criteria: object) -> list[int]:
        found = FakeSession._ask(session, criteria)  # type: ignore[arg-type]
        if not asked:
            del session.mails[1], session.mails[2]
        asked.append(criteria)
        return found

    assert set(windows.search(ask, 8, ["UNSEEN"])) >= set(range(3, 9))


def test_the_count_follows_what_the_server_announces() -> None:
    headcount = Headcount(10)
    headcount.listen({"EXISTS": [b"11", b"12"]})
    assert (headcount.count, headcount.grown, headcount.shrunk) == (12, True, False)
    assert headcount.announced()
    headcount.grown = False
    headcount.listen({"EXPUNGE": [b"3", b"3"]})
    assert (headcount.count, headcount.grown, headcount.shrunk) == (10, False, True)
    assert headcount.announced()
    headcount.listen({"EXISTS": [b"10"]})
    assert (headcount.grown, headcount.announced()) == (False, True)


def test_a_mail_that_replaces_a_deleted_one_is_news() -> None:
    headcount = Headcount(5)
    headcount.listen({"EXPUNGE": [b"5"], "EXISTS": [b"5"]})
    assert headcount.grown


def test_a_server_that_boasts_does_not_have_us_ask_for_ever() -> None:
    headcount = Headcount()
    headcount.listen({"EXISTS": [b"4294967295"]})
    assert len(list(windows.windows(headcount.count))) <= 100


def test_news_in_the_answer_to_a_fetch_outlives_the_searches_after_it(make_imap: MakeImap) -> None:
    server = make_imap([b"Subject: x\r\n\r\ntext\r\n"])

    def announce(peer: Peer, command: Command) -> None:
        peer.send("* 2 EXISTS\r\n")
        peer.behave(command)

    server.on("UID FETCH", announce)
    session = open_session(server.port)
    session.fetch([1], ["FLAGS"], 100)
    session.search(["UNSEEN"])
    assert session.news_overheard()
    assert not session.news_overheard()
    session.close()


@pytest.fixture
def huge(make_imap: MakeImap) -> Iterator[ScriptedImap]:
    server = make_imap()
    raw = b"Subject: x\r\n\r\ntext\r\n"
    server.mails += [ScriptedMail(FIRST_UID + number, raw) for number in range(HUGE)]
    yield server


def test_an_answer_of_more_than_a_megabyte_is_split(huge: ScriptedImap) -> None:
    session = open_session(huge.port)
    assert session.search(["UNSEEN"]) == [*range(FIRST_UID, FIRST_UID + HUGE)]
    session.close()
    assert len(huge.named("UID SEARCH")) == 2


def test_without_windows_imaplib_refuses_it(
    huge: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "WINDOW", HUGE)
    session = open_session(huge.port)
    with pytest.raises(MailboxTrouble, match="SEARCH failed: .*more than 1000000 bytes"):
        session.search(["UNSEEN"])
    session.close()


def test_a_real_server_answers_windows_also_beyond_its_last_mail(
    mailbox: Mailbox, small_windows: None
) -> None:
    mailbox.drop([b"Subject: x\r\n\r\ntext\r\n"] * 8)
    session = open_session(mailbox.port, mailbox.user)
    assert session.search(["UNSEEN"]) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert session.search_above(5) == [6, 7, 8]
    assert session.newest(2) == [7, 8]
    assert session.existing([2, 9]) == [2]
    for uid in (8, 7, 6, 5, 4):
        mailbox.expunge(uid)
    session.noop()
    assert session.news_overheard()
    assert (session.grown(), session.shrunk(), session.shrunk()) == (False, True, False)
    assert session.headcount.count == 3
    session.headcount.count = 8
    assert session.search(["UNSEEN"]) == [1, 2, 3]
    session.close()
