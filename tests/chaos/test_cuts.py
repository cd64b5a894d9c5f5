"""The network between a relay and one of its servers is cut, and mended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.chaos.killed import START_SECONDS, Relay
from tests.chaos.network import Cable, Network, network
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeProxy
from tests.servers.redis import RedisServer

PARTS = ["mailbox", "redis", "endpoint", "postgres"]
MAILS = 30
IN_FLIGHT = 8
CUT_SECONDS = 10.0
# What stalled has to be given up first: IMAP_TIMEOUT_SECONDS here, and the time of a request.
AGAIN_SECONDS = 60.0
TIMEOUTS = {"IMAP_TIMEOUT_SECONDS": "5", "REDIS_LOCK_TTL_SECONDS": "30"}


@pytest.fixture
def net(make_proxy: MakeProxy) -> Iterator[Network]:
    with network(make_proxy) as found:
        yield found


def through(cable: Cable, url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}{cable.host}:{cable.port}"))


@pytest.fixture
def cables(net: Network, relay: Relay, redis_url: str, postgres_url: str) -> dict[str, Cable]:
    """To all servers of the relay, which is set to use them."""
    relay.use(postgres_url)
    urls = {"redis": redis_url, "postgres": postgres_url, "endpoint": relay.endpoint.url}
    ports = {name: urlsplit(url).port or 0 for name, url in urls.items()}
    cables = {name: net.connect(port) for name, port in ports.items()}
    cables["mailbox"] = net.connect(relay.mailbox.port)
    relay.options |= {
        **TIMEOUTS,
        "prefix": net.prefix,
        "REDIS_URL": through(cables["redis"], redis_url),
        "DATABASE_URL": through(cables["postgres"], postgres_url),
        "WEBHOOK_URL": through(cables["endpoint"], relay.endpoint.url),
        "IMAP_SERVER": cables["mailbox"].host,
        "IMAP_PORT": str(cables["mailbox"].port),
    }
    return cables


@pytest.mark.parametrize("part", PARTS)
def test_a_cut_costs_no_mail_and_doubles_only_what_was_under_way(
    relay: Relay, cables: dict[str, Cable], part: str
) -> None:
    relay.endpoint.answer(Answer(delay=0.3))
    runpoller = relay.start()
    relay.mailbox.drop([mail(f"before {number}") for number in range(MAILS)])
    relay.endpoint.wait_for(MAILS // 3, START_SECONDS)
    cables[part].cut()
    relay.mailbox.drop([mail(f"meanwhile {number}") for number in range(3)])
    time.sleep(CUT_SECONDS)
    cables[part].mend()
    eventually(lambda: relay.settled() == MAILS + 3, AGAIN_SECONDS)
    assert runpoller.stop() < 20
    relay.assert_invariants(repeats=IN_FLIGHT)


def test_a_redis_that_is_killed_costs_nothing(relay: Relay, redis_server: RedisServer) -> None:
    relay.endpoint.answer(Answer(delay=0.1))
    runpoller = relay.start(REDIS_LOCK_TTL_SECONDS="6")
    relay.mailbox.drop([mail(f"before {number}") for number in range(MAILS)])
    relay.endpoint.wait_for(MAILS // 3, START_SECONDS)
    redis_server.kill()
    relay.mailbox.drop([mail(f"meanwhile {number}") for number in range(3)])
    time.sleep(8)
    redis_server.start()
    eventually(lambda: relay.settled() == MAILS + 3, AGAIN_SECONDS)
    runpoller.stop()
    relay.assert_invariants(repeats=0)
