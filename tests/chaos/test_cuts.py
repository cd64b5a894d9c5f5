"""The network between a relay and one of its servers is cut, and mended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.chaos import journal
from tests.chaos.cables import through
from tests.chaos.killed import START_SECONDS, Relay
from tests.chaos.network import Cable, Network, Proxies, network
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeProxy

PARTS = ["mailbox", "redis", "endpoint", "postgres"]
# One of each kind of cable, the others with `make chaos`.
ALWAYS = {("cable", "postgres"), ("proxy", "mailbox")}
CUTS = [
    pytest.param(
        kind,
        part,
        marks=[] if (kind, part) in ALWAYS else pytest.mark.thorough,
        id=f"{part}-{kind}",
    )
    for kind in ("cable", "proxy")
    for part in PARTS
]
# By the options of its connections; and a look at it now and then.
NOTICED_SECONDS = 60.0
MAILS = 30
IN_FLIGHT = 8
CUT_SECONDS = 10.0
# What stalled has to be given up first: IMAP_TIMEOUT_SECONDS here, and the time of a request.
AGAIN_SECONDS = 60.0
TIMEOUTS = {"IMAP_TIMEOUT_SECONDS": "5", "REDIS_LOCK_TTL_SECONDS": "30"}


@pytest.fixture
def net(request: pytest.FixtureRequest, make_proxy: MakeProxy) -> Iterator[Network]:
    """Where there are no cables it is proxies as well."""
    if request.param == "proxy":
        yield Proxies(make_proxy)
        return
    with network(make_proxy) as found:
        yield found


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


@pytest.mark.parametrize(("net", "part"), CUTS, indirect=["net"])
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


@pytest.mark.thorough
@pytest.mark.parametrize("net", ["cable"], indirect=True)
def test_a_database_that_went_silent_is_given_up_meanwhile(
    relay: Relay, cables: dict[str, Cable], net: Network
) -> None:
    runpoller = relay.start()
    runpoller.wait_line("IMAP connected", START_SECONDS)
    relay.mailbox.append(mail("before"))
    relay.endpoint.wait_for(1)
    cables["postgres"].cut()
    relay.mailbox.append(mail("meanwhile"))
    if net.prefix:  # a proxy acknowledges what it swallows
        runpoller.wait_line("The database failed", NOTICED_SECONDS)
    cables["postgres"].mend()
    eventually(lambda: relay.settled() == 2, AGAIN_SECONDS)
    assert runpoller.stop() < 20
    # PostgreSQL hears only now of the connections that were given up.
    eventually(lambda: journal.damage(relay.journal) == [])
    relay.assert_invariants(repeats=1)
