"""Many mailboxes, many pollers, and one of them falling every few seconds.

Short by default. `make chaos` runs all of it: MINUTES for each number of pollers and each
database; SEED repeats a run.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.crew import Crew
from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.storm import TTL, Storm
from tests.chaos.table import FIGURES
from tests.chaos.wiretap import Wiretap
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.dovecot import Dovecot
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeDovecot
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

MINUTES = float(os.environ.get("MINUTES") or 0)
SECONDS, MAILBOXES = (MINUTES * 60, 40) if MINUTES else (18.0, 12)
POLLERS = [2, 4, 10] if MINUTES else [4]
# Of ours: a database that ends the transaction of a frozen process is none.
FAULTS = r"A fault|ended unexpectedly|Exception in thread"
PREFIX = "r:ss:config:"


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("SEED") or random.randrange(10_000))


@pytest.fixture
def variables(request: pytest.FixtureRequest, redis_url: str) -> dict[str, str]:
    """One PostgreSQL for all, or an SQLite on the disk of each."""
    shared = {"REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": str(TTL)}
    if request.param == "postgres":
        shared["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return shared


def describe(client: Redis, mailboxes: dict[str, Mailbox], port: int) -> None:
    further = [name for name in mailboxes if name != "default"]
    for name in further:
        client.set(f"{PREFIX}polling_config:{name}", json.dumps(mailboxes[name].document(port)))
    document = mailboxes["default"].document(port, mailboxes=further)
    client.set(f"{PREFIX}polling_config", json.dumps(document))


def many(server: Dovecot) -> dict[str, Mailbox]:
    names = ["default", *(f"box-{number}" for number in range(1, MAILBOXES))]
    return {name: Mailbox(server, f"{name}@mail.invalid") for name in names}


def figures(storm: Storm) -> str:
    blows = Counter(blow.kind for blow in storm.crew.blows)
    waits = {
        kind: f"{statistics.median(seconds):.1f}/{max(seconds):.1f}"
        for kind, seconds in storm.waits.items()
    }
    return (
        f"{len(storm.sent)} mails, {dict(blows)}, {sum(storm.repeats().values())} repeats, "
        f"served again after (median/longest s) {waits}"
    )


@pytest.mark.parametrize("pollers", POLLERS)
@pytest.mark.parametrize("variables", ["sqlite", "postgres"], indirect=True)
def test_nothing_is_lost_or_doubled_and_every_mailbox_is_served_by_one(
    make_dovecot: MakeDovecot,
    endpoint: Endpoint,
    variables: dict[str, str],
    make_runpoller: MakeRunpoller,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    pollers: int,
    seed: int,
) -> None:
    title = f"SEED={seed} {request.node.callspec.id}"
    sys.stdout.write(f"{title}\n")
    server, rng = make_dovecot(), random.Random(seed)
    endpoint.answer(Answer(delay=0.05))

    def start(folder: Path) -> ManageCommand:
        return make_runpoller(endpoint=endpoint, folder=folder, **variables)

    with (
        contextlib.closing(Wiretap(server.port)) as wiretap,
        Redis.from_url(variables["REDIS_URL"], decode_responses=True) as client,
    ):
        mailboxes = many(server)
        describe(client, mailboxes, wiretap.port)
        crew = Crew(start, pollers, tmp_path, rng)
        shared = "DATABASE_URL" in variables
        storm = Storm(crew, mailboxes, client, endpoint, wiretap, rng, shared)
        rage(storm, crew, mailboxes, wiretap)
        sys.stdout.write(f"{storm.timeline()}\n")
        record_property(FIGURES, f"{title}: {figures(storm)}")
        commands = [*crew.running, *(blow.victim for blow in crew.blows)]
        aftermath = Aftermath(
            mailboxes=list(mailboxes.values()),
            endpoint=endpoint,
            journals=[variables["DATABASE_URL"]] if shared else [],
            commands=commands,
            redis=client,
            repeats=len(storm.sent),  # which of them is explained comes below
            complete=shared,
            exit_codes=frozenset({0, -signal.SIGTERM}),
        )
        assert_invariants(aftermath)
        assert storm.unexplained_overlaps() == []
        assert storm.unexplained_repeats() == []
        for command in commands:
            assert not re.search(FAULTS, command.output)


def rage(storm: Storm, crew: Crew, mailboxes: dict[str, Mailbox], wiretap: Wiretap) -> None:
    """From the first mail to an orderly end, with all that happens in between."""
    for name in mailboxes:
        storm.send(name)
    eventually(storm.all_heard, 60)
    storm.blow(SECONDS)
    crew.thaw()
    eventually(storm.all_heard, 30)
    eventually(everything_marked(mailboxes), 30)
    eventually(lambda: all(wiretap.open(each.user) == 1 for each in mailboxes.values()), 10)
    crew.stop()


def everything_marked(mailboxes: dict[str, Mailbox]) -> Callable[[], bool]:
    left = set(mailboxes)

    def marked() -> bool:
        for name in list(left):
            if not mailboxes[name].uids("UNKEYWORD $RenderSignal"):
                left.discard(name)
        return not left

    return marked
