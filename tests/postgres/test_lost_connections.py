"""Connections that PostgreSQL ends, or a server that restarts, while a delivery is claimed and
settled: nothing is lost, nothing is sent again but with its own id, and it goes on by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from runtime.faults import Point
from tests.faults import reached
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.render_signal.conftest import MakeWeb, make_web
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.postgres import PostgresServer
from tests.servers.runpoller import ManageCommand
from tests.servers.web import Visitor

__all__ = ["make_web"]
POINTS: list[Point] = [
    "intake.written",
    "delivery.claimed",
    "delivery.answered",
    "delivery.settling",
    "delivery.settled",
]
# The lease of a delivery whose fate nobody knows, a sweep, and a busy machine.
SECONDS = 40.0
SUBJECTS = ["first", "second", "third"]


@dataclass
class Database:
    server: PostgresServer
    url: str

    def end_connections(self) -> None:
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def restart(self) -> None:
        self.server.restart()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def column(self, query: str) -> list[object]:
        return [row[0] for row in self.rows(query)]


Losing = Callable[[Database], None]
losing = pytest.mark.parametrize("lose", [Database.end_connections, Database.restart])


@pytest.fixture
def held(postgres_server: PostgresServer, postgres_url: str) -> Database:
    return Database(postgres_server, postgres_url)


def freeze_at(runpoller: ManageCommand, point: Point) -> None:
    runpoller.wait_line(reached(point), 30)


def assert_all_arrived_once(held: Database, mailbox: Mailbox, endpoint: Endpoint) -> None:
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == len(SUBJECTS), SECONDS)
    ids: dict[str, set[str]] = {subject: set() for subject in SUBJECTS}
    for request in endpoint.requests:
        ids[request.json["subject"]].add(request.headers["webhook-id"])
    assert {subject: len(names) for subject, names in ids.items()} == dict.fromkeys(SUBJECTS, 1)
    assert held.column("SELECT DISTINCT state FROM webhooks_delivery") == ["delivered"]
    webhook_ids = held.column("SELECT webhook_id FROM webhooks_delivery")
    assert sorted(map(str, webhook_ids)) == sorted(name for names in ids.values() for name in names)


@losing
@pytest.mark.parametrize("point", POINTS)
def test_a_lost_connection_loses_no_mail(
    held: Database,
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    point: Point,
    lose: Losing,
) -> None:
    for subject in SUBJECTS:
        mailbox.append(mail(subject))
    runpoller = make_runpoller(
        mailbox=mailbox,
        endpoint=endpoint,
        DATABASE_URL=held.url,
        FAULT_POINT=point,
        FAULT_SIGNAL="SIGSTOP",
    )
    freeze_at(runpoller, point)
    lose(held)
    runpoller.thaw()
    assert_all_arrived_once(held, mailbox, endpoint)
    assert len(endpoint.requests) == len(SUBJECTS)
    assert runpoller.stop() < 10
    assert runpoller.returncode == 0


@losing
def test_a_connection_lost_in_the_middle_of_a_claim_costs_nothing(
    held: Database,
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    lose: Losing,
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, DATABASE_URL=held.url)
    runpoller.wait_line("IMAP connected")
    # Its own connection is lost with the others.
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(held.url) as other:
        other.execute("LOCK TABLE webhooks_attempt IN EXCLUSIVE MODE")
        for subject in SUBJECTS:
            mailbox.append(mail(subject))
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted"
        eventually(lambda: bool(held.rows(waiting)))
        assert not endpoint.requests
        lose(held)
    assert_all_arrived_once(held, mailbox, endpoint)
    assert len(endpoint.requests) == len(SUBJECTS)
    assert runpoller.stop() < 10


@losing
def test_pages_answer_again(held: Database, make_web: MakeWeb, lose: Losing) -> None:
    web = make_web(DATABASE_URL=held.url)
    visitor, cookies = Visitor(), {"sessionid": "0123456789abcdefghijklmnopqrstuv"}
    visitor.session.cookies.update(cookies)

    def code() -> int:
        return visitor.get(f"{web.url}/admin/").status_code

    assert code() == 302
    lose(held)
    assert code() == 302
