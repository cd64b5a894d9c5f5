"""SIGSTOP exactly at a point, for longer than the lock and the lease last, and SIGCONT."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.crash import CRASHES, Crash
from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.killed import START_SECONDS
from tests.faults import reached
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand
from webhooks.outbox import LEASE

TTL = 3
PAST_LEASE_SECONDS = LEASE.total_seconds() + 1.0
# To notice that the time was over, and to have it written down.
WAKING_SECONDS = 10.0
ORDINARY = [crash for crash in CRASHES if crash.row not in ("C7", "C8", "C9")]
# In a transaction, and on the wire.
ALWAYS = {
    ("postgres", "delivery.settling"),
    ("sqlite", "request.sent"),
}
CASES = [
    pytest.param(
        database,
        crash,
        id=f"{crash.point}-{database}",
        marks=[] if (database, crash.point) in ALWAYS else pytest.mark.thorough,
    )
    for database in ("postgres", "sqlite")
    for crash in ORDINARY
    if crash.point != "mail.flagged"
]


@pytest.fixture
def start(
    request: pytest.FixtureRequest,
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> Callable[..., ManageCommand]:
    """One PostgreSQL for both, or an SQLite on the disk of each."""
    shared = {"REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": str(TTL)}
    if request.param == "postgres":
        shared["DATABASE_URL"] = request.getfixturevalue("postgres_url")

    def start(name: str, **variables: str) -> ManageCommand:
        folder = tmp_path / name
        return make_runpoller(
            mailbox=mailbox, endpoint=endpoint, folder=folder, **shared, **variables
        )

    return start


@pytest.mark.parametrize(("start", "crash"), CASES, indirect=["start"])
def test_who_wakes_up_at_any_point_doubles_nothing_it_need_not(
    crash: Crash,
    start: Callable[..., ManageCommand],
    mailbox: Mailbox,
    endpoint: Endpoint,
    redis_url: str,
) -> None:
    mailbox.append(mail())
    first = start("first", FAULT_POINT=crash.point, FAULT_SIGNAL="SIGSTOP")
    frozen = first.wait_line(reached(crash.point), START_SECONDS).time
    second = start("second")
    second.wait_line("Singleton lock acquired", START_SECONDS)
    endpoint.wait_for(1, 40)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 1, 40)
    time.sleep(max(0.0, frozen + PAST_LEASE_SECONDS - time.monotonic()))
    thawed = time.monotonic()
    first.thaw()
    first.wait_line("Singleton lock lost", WAKING_SECONDS, after=thawed)
    mailbox.append(mail("afterwards"))
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 2, 30)
    for each in (first, second):
        each.stop()
    url = second.environment["DATABASE_URL"]
    shared = url.startswith("postgres")
    again = crash.kept if shared else crash.lost
    with Redis.from_url(redis_url) as redis:
        assert_invariants(
            Aftermath(
                mailboxes=[mailbox],
                endpoint=endpoint,
                journals=[url] if shared else [first.folder, second.folder],
                commands=[first, second],
                redis=redis,
                repeats=crash.sent + again - 1,
            )
        )
