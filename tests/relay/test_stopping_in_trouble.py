"""The process is gone within twenty seconds of SIGTERM, whatever hangs."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeProxy
from tests.servers.mailbox import Mailbox

LIMIT = 20


@pytest.mark.parametrize("connected", [True, False])
def test_a_mailbox_that_went_silent_does_not_keep_it(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_proxy: MakeProxy,
    connected: bool,
) -> None:
    proxy = make_proxy(mailbox.port)
    if not connected:
        proxy.blackhole()
    runpoller = make_runpoller(endpoint=endpoint, **mailbox.environment(proxy.port))
    if connected:
        runpoller.wait_line("IMAP connected")
        time.sleep(1)
        proxy.freeze()
    time.sleep(2)
    assert runpoller.stop(timeout=60) < LIMIT


def test_a_locked_database_does_not_keep_it(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(delay=2))
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(1)
    database = sqlite3.connect(runpoller.folder / "db.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    assert runpoller.stop(timeout=60) < LIMIT
    database.close()


def test_a_single_pass_stops_as_well(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(delay=2))
    mailbox.drop([mail(f"mail {number}") for number in range(60)])
    runpoller = make_runpoller("runpoller", "--once", mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(8)
    assert runpoller.stop(timeout=60) < LIMIT


def test_a_single_pass_beside_a_working_poller_says_so(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    make_runpoller(mailbox=mailbox, endpoint=endpoint).wait_line("IMAP connected")
    once = make_runpoller("runpoller", "--once", mailbox=mailbox, endpoint=endpoint)
    assert once.wait() == 1
    assert "another poller holds the lock" in once.output


def test_a_single_pass_keeps_to_the_schedule(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    config = tmp_path / "container" / "config"
    config.mkdir(parents=True)
    (config / "polling_config.json").write_text('{"enable_polling": false}')
    mailbox.append(mail())
    once = make_runpoller("runpoller", "--once", mailbox=mailbox, endpoint=endpoint)
    assert once.wait() == 0
    assert endpoint.requests == []
