"""A database that goes away while a poller stops."""

from __future__ import annotations

import signal

from tests.chaos import journal
from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.servers.exchange import Answer
from tests.servers.postgres import PostgresServer


def test_what_is_answered_meanwhile_is_settled_when_it_is_back(
    relay: Relay, postgres_url: str, postgres_server: PostgresServer
) -> None:
    relay.use(postgres_url)
    relay.endpoint.answer(Answer(delay=4.0))
    relay.mailbox.append(mail())
    runpoller = relay.start()
    relay.endpoint.wait_for(1, START_SECONDS)
    runpoller.signal(signal.SIGTERM)
    postgres_server.stop()
    runpoller.wait_line("The database failed while deliveries end", 10)
    postgres_server.start()
    assert runpoller.wait(20) == 0
    assert list(journal.states(relay.journal).values()) == ["delivered"]
    relay.assert_invariants(repeats=0)
