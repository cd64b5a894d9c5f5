"""The protocol log of a mailbox that another process serves, switched on in the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox

SUBJECT = "Recadrage du lot 4711"
KEEP = """
INSERT INTO polling_protocollog (mailbox, until) VALUES ('default', ?)
ON CONFLICT (mailbox) DO UPDATE SET until = excluded.until
"""


def keep(folder: Path, hours: float) -> None:
    until = datetime.now(UTC) + timedelta(hours=hours)
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=30)) as database, database:
        database.execute(KEEP, [until.strftime("%Y-%m-%d %H:%M:%S.%f")])


def lines(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=30)) as database:
        rows = database.execute("SELECT side, text FROM polling_protocolline ORDER BY id")
        return [" ".join(row) for row in rows]


def test_a_running_session_is_heard_soon_and_the_next_one_too(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("IMAP connected", timeout=60)
    folder = runpoller.folder
    keep(folder, hours=1)
    runpoller.wait_line("The protocol of mailbox default is logged until", timeout=30)
    mailbox.append(mail(SUBJECT))
    endpoint.wait_for(1, timeout=60)
    eventually(lambda: any(" STORE " in line for line in lines(folder)), seconds=30)
    mailbox.server.restart()
    eventually(lambda: any("AUTHENTICATE PLAIN …" in line for line in lines(folder)), seconds=60)
    keep(folder, hours=0)
    runpoller.wait_line("The protocol of mailbox default is not logged any more", timeout=30)
    runpoller.stop(timeout=60)
    text = "\n".join(lines(folder))
    wanted = ["sent ", "received ", "note connected to 127.0.0.1", " FETCH (UID 1 ", " IDLE"]
    assert [part for part in wanted if part not in text] == []
    hidden = [mailbox.password, mailbox.user, SUBJECT, "studio.example", "dropbox"]
    assert [word for word in hidden if word in text] == []


def test_a_single_pass_is_heard_to_its_end(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    assert make_runpoller("check").wait(60) == 0
    keep(tmp_path / "container", hours=1)
    mailbox.append(mail(SUBJECT))
    passed = make_runpoller("runpoller", "--once", mailbox=mailbox, endpoint=endpoint)
    assert passed.wait(60) == 0
    text = "\n".join(lines(passed.folder))
    assert "AUTHENTICATE PLAIN …" in text
    assert " LOGOUT" in text
    assert SUBJECT not in text
