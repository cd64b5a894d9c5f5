"""One of the servers of a relay is killed, or stands still, while mails pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.killed import START_SECONDS, Relay
from tests.chaos.servers import Server, frozen, killed
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.exchange import Answer
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer

MAILS = 30
IN_FLIGHT = 8
AWAY_SECONDS = 8.0
# What stalled has to be given up first: IMAP_TIMEOUT_SECONDS here, and the time of a request.
AGAIN_SECONDS = 60.0
TIMEOUTS = {"IMAP_TIMEOUT_SECONDS": "5", "REDIS_LOCK_TTL_SECONDS": "6"}
# PostgreSQL settles nothing meanwhile; Redis and the mailbox need not.
REPEATS = {"mailbox": 0, "redis": 0, "postgres": IN_FLIGHT}
ALWAYS = {("redis", killed)}
FALLS = [
    pytest.param(
        part,
        fall,
        marks=[] if (part, fall) in ALWAYS else pytest.mark.thorough,
        id=f"{part}-{fall.__name__}",
    )
    for part in REPEATS
    for fall in (killed, frozen)
]


@pytest.fixture
def server(
    request: pytest.FixtureRequest, relay: Relay, dovecot: Dovecot, redis_server: RedisServer
) -> Server:
    """The relay is set to use it."""
    relay.options |= TIMEOUTS
    others: dict[str, Server] = {"mailbox": dovecot, "redis": redis_server}
    if request.param in others:
        return others[request.param]
    relay.use(request.getfixturevalue("postgres_url"))
    keep_what_is_committed(relay.options["DATABASE_URL"])
    found: PostgresServer = request.getfixturevalue("postgres_server")
    return found


def keep_what_is_committed(url: str) -> None:
    """Which the PostgreSQL of the tests does not when it is killed."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(url) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on".encode())


@pytest.mark.parametrize(("server", "fall"), FALLS, indirect=["server"])
def test_it_costs_no_mail_and_doubles_only_what_was_under_way(
    relay: Relay,
    server: Server,
    fall: Callable[[Server], AbstractContextManager[None]],
    request: pytest.FixtureRequest,
) -> None:
    relay.endpoint.answer(Answer(delay=0.1))
    runpoller = relay.start()
    relay.mailbox.drop([mail(f"before {number}") for number in range(MAILS)])
    relay.endpoint.wait_for(MAILS // 3, START_SECONDS)
    with fall(server):
        relay.mailbox.drop([mail(f"meanwhile {number}") for number in range(3)])
        time.sleep(AWAY_SECONDS)
    eventually(lambda: relay.settled() == MAILS + 3, AGAIN_SECONDS)
    assert runpoller.stop() < 20
    relay.assert_invariants(repeats=REPEATS[request.node.callspec.params["server"]])
