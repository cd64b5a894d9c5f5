"""A mailbox does not suffer from its neighbours."""

from __future__ import annotations

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
from tests.servers.fixtures import MakeImap, MakeProxy
from tests.servers.mailbox import Mailbox
from tests.servers.redis import RedisServer

KEY = "render_signal:poller_lock"


@pytest.mark.usefixtures("both")
def test_a_mailbox_that_hangs_does_not_slow_its_neighbour(
    mailbox: Mailbox,
    sales: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_proxy: MakeProxy,
    folder: Path,
) -> None:
    proxy = make_proxy(sales.port)
    proxy.blackhole()
    describe(folder, "sales", **sales.document(proxy.port))
    runpoller = make_runpoller(endpoint=endpoint, IMAP_TIMEOUT_SECONDS="3")
    runpoller.wait_line("IMAP connected mailbox=default")
    eventually(lambda: proxy.open > 0)
    for number in range(1, 4):
        mailbox.append(mail(f"mail {number}"))
        endpoint.wait_for(number, timeout=2)
        eventually(lambda count=number: len(mailbox.uids("KEYWORD $RenderSignal")) == count, 2)  # type: ignore[misc]
        time.sleep(1)
    runpoller.wait_line("IMAP connection timeout .*IMAP reconnect of mailbox sales")
    part = health_parts(runpoller, make_runpoller)["mailbox:sales"]
    assert (part["status"], part["kind"]) == ("failed", "transient")
    assert runpoller.stop() < 20


def test_a_slow_redis_lets_no_lock_of_many_lapse(
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_proxy: MakeProxy,
    redis_server: RedisServer,
    redis_url: str,
    folder: Path,
) -> None:
    """Renewed one after the other they would take longer than two thirds of the time to live."""
    names = [f"m{number}" for number in range(16)]
    describe(folder, mailboxes=names)
    proxy = make_proxy(redis_server.port)
    runpoller = make_runpoller(
        endpoint=endpoint,
        REDIS_URL=redis_url.replace(str(redis_server.port), str(proxy.port)),
        REDIS_LOCK_TTL_SECONDS="6",
        CONFIG_STORE_DISABLE_REDIS="true",
    )
    for name in names:
        runpoller.wait_line(f"lock acquired .* mailbox={name}")
    proxy.delay = {"up": 0.2, "down": 0.2}
    time.sleep(10)
    with Redis.from_url(redis_url) as client:
        assert len(client.keys(KEY)) + len(client.keys(f"{KEY}:*")) == len(names) + 1
    assert "lock lost" not in runpoller.output
    assert runpoller.stop() < 20


def test_what_one_mailbox_delivers_does_not_make_another_search(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_imap: MakeImap,
    folder: Path,
) -> None:
    server = make_imap()
    describe(folder, mailboxes=["quiet"])
    describe(folder, "quiet", **mailbox.document(server.port))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("IMAP connected mailbox=default")
    eventually(lambda: bool(server.named("IDLE")))
    searches = len(server.named("UID SEARCH"))
    for number in range(1, 21):
        mailbox.append(mail(f"mail {number}"))
        endpoint.wait_for(number)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 20)
    assert len(server.named("UID SEARCH")) - searches < 10
