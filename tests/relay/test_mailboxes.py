"""Several mailboxes in one process, and two processes that share them."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from redis import Redis

from tests.polling.examples import mail
from tests.relay.documents import describe
from tests.relay.health import health_parts
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox

KEY = "render_signal:poller_lock"
SALES = f"{KEY}:sales"
PREFIX = "r:ss:config:"


def subjects(endpoint: Endpoint) -> list[str]:
    return sorted(request.json["subject"] for request in endpoint.requests)


@pytest.mark.usefixtures("both")
def test_mails_of_both_are_relayed_and_marked_each_in_its_own(
    mailbox: Mailbox, sales: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(endpoint=endpoint)
    for name in ("default", "sales"):
        runpoller.wait_line(f"IMAP connected mailbox={name} ")
    mailbox.append(mail("to the default one"))
    sales.append(mail("to sales"))
    endpoint.wait_for(2, timeout=5)
    assert subjects(endpoint) == ["to sales", "to the default one"]
    for each in (mailbox, sales):
        eventually(lambda each=each: len(each.uids("KEYWORD $RenderSignal")) == 1, 5)  # type: ignore[misc]
    parts = health_parts(runpoller, make_runpoller)
    assert [parts[name]["status"] for name in ("mailbox", "mailbox:sales")] == ["ok", "ok"]
    assert parts["lock:sales"]["holder"]["pid"] == str(runpoller.pid)


def test_the_documents_of_each_decide_for_its_own_mails(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
) -> None:
    nobody = ["nobody@else.example"]
    document = mailbox.document(mailboxes=["sales"], sender_of_interest_for_polling=nobody)
    describe(folder, **document)
    describe(folder, "sales", **sales.document())
    mailbox.append(mail("not wanted"))
    sales.append(mail("wanted"))
    once = make_runpoller("runpoller", "--once", endpoint=endpoint)
    assert once.wait() == 0
    assert subjects(endpoint) == ["wanted"]


def test_a_mailbox_is_added_and_removed_while_it_runs(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line("IMAP connected mailbox=default")
    with Redis.from_url(redis_url) as client:
        client.set(f"{PREFIX}polling_config:sales", json.dumps(sales.document()))
        client.set(f"{PREFIX}polling_config", json.dumps({"mailboxes": ["sales"]}))
        added = time.monotonic()
        runpoller.wait_line("IMAP connected mailbox=sales", timeout=5, after=added)
        assert client.get(SALES).startswith(f"pid={runpoller.pid} ".encode())
        sales.append(mail("before"))
        endpoint.wait_for(1)

        client.set(f"{PREFIX}polling_config", "{}")
        eventually(lambda: client.get(SALES) is None, 5)
        assert client.get(KEY)
        sales.append(mail("after the end"))
        mailbox.append(mail("to the other"))
        endpoint.wait_for(2)
        time.sleep(1)
        assert subjects(endpoint) == ["before", "to the other"]

        client.set(f"{PREFIX}polling_config", json.dumps({"mailboxes": ["sales"]}))
        endpoint.wait_for(3, timeout=8)
    assert runpoller.stop() < 5


@pytest.mark.usefixtures("both")
def test_what_is_under_way_when_a_mailbox_is_removed_is_finished_and_marked(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
) -> None:
    """However long that takes: whoever has the mailbox next would send it again."""
    endpoint.answer(Answer(delay=19))
    sales.append(mail())
    runpoller = make_runpoller(endpoint=endpoint)
    endpoint.wait_for(1)
    describe(folder, **mailbox.document())
    runpoller.wait_line("Mailbox sales is not listed any more; its work ends", timeout=5)
    assert sales.uids("KEYWORD $RenderSignal") == []
    runpoller.wait_line("Mailbox sales is not served here any more", timeout=30)
    assert len(sales.uids("KEYWORD $RenderSignal")) == 1


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("restart", [False, True])
def test_what_a_removed_mailbox_has_left_is_delivered(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    folder: Path,
    restart: bool,
) -> None:
    variables = {"REDIS_URL": redis_url, "CONFIG_STORE_DISABLE_REDIS": "true"}
    endpoint.refuse()
    sales.append(mail())
    runpoller = make_runpoller(endpoint=endpoint, **variables)
    runpoller.wait_line("Not delivered")
    describe(folder, **mailbox.document())
    runpoller.wait_line("Mailbox sales is not served here any more")
    if restart:
        runpoller.stop()
        runpoller = make_runpoller(endpoint=endpoint, **variables)
    endpoint.refuse(False)
    endpoint.wait_for(1, timeout=20)
    assert runpoller.stop() < 5


def test_of_two_processes_each_mailbox_is_served_by_exactly_one(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    with Redis.from_url(redis_url) as client:
        default = mailbox.document(mailboxes=["sales"])
        client.set(f"{PREFIX}polling_config", json.dumps(default))
        client.set(f"{PREFIX}polling_config:sales", json.dumps(sales.document()))
        runs = [
            make_runpoller(endpoint=endpoint, folder=tmp_path / name, REDIS_URL=redis_url)
            for name in ("a", "b")
        ]

        def holders() -> list[str]:
            return [(client.get(key) or b"-").split()[0].decode() for key in (KEY, SALES)]

        # Who was there first may have had both for a moment.
        eventually(lambda: {*holders()} == {f"pid={run.pid}" for run in runs}, 40)
        for each in (mailbox, sales):
            each.drop([mail(f"mail {number} to {each.user}") for number in range(10)])
        endpoint.wait_for(20)
        time.sleep(1)
        held_by = holders()
    assert len(endpoint.requests) == len(set(subjects(endpoint))) == 20
    for name, holder in zip(("default", "sales"), held_by, strict=True):
        serving = [
            f"pid={run.pid}"
            for run in runs
            if re.search(rf"Mail uid=\d+ mailbox={name} state=relayed", run.output)
        ]
        assert serving == [holder]


@pytest.mark.usefixtures("both")
def test_a_single_pass_reads_all_and_tells_what_failed(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
) -> None:
    document = mailbox.document(mailboxes=["sales"], imap_password="wrong")
    describe(folder, **document)
    sales.append(mail("to sales"))
    once = make_runpoller("runpoller", "--once", endpoint=endpoint)
    assert once.wait() == 1
    assert "CommandError: IMAP login failed" in once.output
    assert subjects(endpoint) == ["to sales"]
    assert len(sales.uids("KEYWORD $RenderSignal")) == 1
