"""Everything at random. Twenty seconds by default; `make soak` has it for MINUTES, which it hands
over as SOAK_MINUTES.

SEED repeats what is done, and when; the short one is always the same.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from requests.structures import CaseInsensitiveDict

from tests.chaos.cables import through
from tests.chaos.footprint import Footprint, growth
from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.killed import START_SECONDS
from tests.chaos.network import network
from tests.chaos.repeats import Trouble, unexplained_repeats
from tests.chaos.soak import Soak
from tests.chaos.table import FIGURES, GROWTH, SEED
from tests.chaos.weather import forecast
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.dovecot import Dovecot
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Request
from tests.servers.fixtures import MakeDovecot, MakeProxy
from tests.servers.mailbox import Mailbox
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.runpoller import ManageCommand

MINUTES = os.environ.get("SOAK_MINUTES")
SECONDS = float(MINUTES or 1 / 3) * 60
# A kill, a Redis that comes back empty, a cut to PostgreSQL, a stop and a freeze.
SHORT_SEED = 1512
MAILBOXES = 4
PREFIX = "r:ss:config:"
# What is under way when the storm ends: a breaker that is open asks every thirty seconds or
# more seldom.
CALM_SECONDS = 120.0
FAULTS = r"A fault|ended unexpectedly|Exception in thread"
TIMEOUTS = {"IMAP_TIMEOUT_SECONDS": "5", "REDIS_LOCK_TTL_SECONDS": "6"}


@pytest.fixture
def seed() -> int:
    chosen = random.randrange(10_000) if MINUTES else SHORT_SEED
    return int(os.environ.get("SEED") or chosen)


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Seen while the test runs."""

    def say(line: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    return say


def documents(mailboxes: dict[str, Mailbox], host: str, port: int) -> dict[str, str]:
    further = [name for name in mailboxes if name != "default"]
    found = {name: mailboxes[name].document(port, imap_host=host) for name in mailboxes}
    found["default"]["mailboxes"] = further
    keys = {name: "polling_config" + (f":{name}" if name in further else "") for name in found}
    return {PREFIX + keys[name]: json.dumps(document) for name, document in found.items()}


@pytest.fixture
def soak(
    make_dovecot: MakeDovecot,
    make_proxy: MakeProxy,
    make_runpoller: MakeRunpoller,
    endpoint: Endpoint,
    redis_server: RedisServer,
    redis_url: str,
    postgres_server: PostgresServer,
    postgres_url: str,
    tmp_path: Path,
    seed: int,
) -> Iterator[Soak]:
    server: Dovecot = make_dovecot(60)
    names = ["default", *(f"box-{number}" for number in range(1, MAILBOXES))]
    mailboxes = {name: Mailbox(server, f"{name}@mail.invalid") for name in names}
    with network(make_proxy) as net:
        cables = {
            "the mailbox": net.connect(server.port),
            "Redis": net.connect(urlsplit(redis_url).port or 0),
            "PostgreSQL": net.connect(urlsplit(postgres_url).port or 0),
        }
        target = net.connect(endpoint.port)
        mail = cables["the mailbox"]
        config = documents(mailboxes, mail.host, mail.port)
        variables = {
            **TIMEOUTS,
            "REDIS_URL": through(cables["Redis"], redis_url),
            "DATABASE_URL": through(cables["PostgreSQL"], postgres_url),
            "WEBHOOK_URL": through(target, endpoint.url),
        }

        def start(folder: Path) -> ManageCommand:
            """Redis forgets all when it restarts: the documents are on each disk as well."""
            place = folder / "config"
            place.mkdir(parents=True)
            for key, document in config.items():
                (place / f"{key.removeprefix(PREFIX)}.json").write_text(document)
            return make_runpoller(endpoint=endpoint, folder=folder, prefix=net.prefix, **variables)

        servers = (redis_server, postgres_server)
        yield Soak(start, tmp_path, list(mailboxes.values()), endpoint, servers, cables, seed)


def test_everything_at_random_loses_nothing_and_leaves_nothing_behind(
    soak: Soak,
    seed: int,
    redis_url: str,
    postgres_url: str,
    endpoint: Endpoint,
    say: Callable[[str], None],
    record_property: Callable[[str, object], None],
) -> None:
    record_property(SEED, seed)
    coming = forecast(seed, SECONDS)
    sys.stdout.write("\n".join([f"SEED={seed}", *map(str, coming), ""]))
    eventually(soak.at_work, START_SECONDS)
    soak.blow(coming, SECONDS, say)
    eventually(soak.all_settled, CALM_SECONDS)
    soak.stop()
    record_property(FIGURES, f"SEED={seed} {soak.line()}: {soak.verdict()}")
    record_property(GROWTH, soak.verdict())
    with Redis.from_url(redis_url) as redis:
        assert_invariants(
            Aftermath(
                mailboxes=soak.mailboxes,
                endpoint=endpoint,
                journals=[postgres_url],
                commands=soak.commands,
                redis=redis,
                repeats=len(endpoint.requests),  # which of them is explained comes below
                # One that is still starting has no handler yet, and holds nothing.
                exit_codes=frozenset({0, -signal.SIGTERM}),
            )
        )
    assert soak.unexplained_repeats() == []
    for command in soak.commands:
        assert not re.search(FAULTS, command.output), command.output
    assert soak.growth() == []


def test_a_seed_repeats_its_decisions_and_a_longer_run_begins_alike() -> None:
    assert forecast(7, 600) == forecast(7, 600)
    assert forecast(7, 6000)[: len(forecast(7, 600))] == forecast(7, 600)
    assert forecast(7, 600) != forecast(8, 600)


def test_what_goes_on_growing_is_told_and_what_comes_and_goes_is_not() -> None:
    flat = [Footprint(70 + number % 5, 20 + number % 9, 14 + number % 4) for number in range(300)]
    assert growth(flat) == []
    warming = [Footprint(min(90, 40 + number), 20, 14) for number in range(300)]
    assert growth(warming) == []
    leaking = [Footprint(70 + number / 5, 20 + number // 10, 14) for number in range(300)]
    assert growth(leaking) == ["memory grows: 100 to 120 MiB", "descriptors grow: 30 to 40"]
    threads = [Footprint(70, 20, 14 + number // 20) for number in range(300)]
    assert growth(threads) == ["threads grow: 19 to 24"]


def test_a_repeat_is_explained_by_what_was_wrong_at_its_first_request() -> None:
    def sent(subject: str, at: float) -> Request:
        headers = CaseInsensitiveDict({"Content-Type": "application/json"})
        body = json.dumps({"subject": subject}).encode()
        return Request(method="POST", path="/", headers=headers, body=body, tls=False, time=at)

    cut = Trouble("cut Redis", 100.0, 108.0)
    requests = [sent("a", 99.0), sent("a", 118.0), sent("b", 150.0), sent("b", 151.0)]
    assert unexplained_repeats([*requests, sent("c", 90.0)], [cut]) == ["b at [150.0, 151.0]"]
