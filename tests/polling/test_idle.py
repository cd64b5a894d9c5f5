"""What a mailbox costs in which nothing happens."""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from polling import news
from polling.lease import Lease
from polling.lock import FileLock
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.serving import Serving
from tests.servers.fixtures import MakeImap
from tests.servers.imap_script import ScriptedImap
from webhooks.dispatcher import Dispatcher

pytestmark = pytest.mark.django_db
# `make chaos` runs ten thousand.
CYCLES = int(os.environ.get("CYCLES") or 2_000)
WARM_UP = 500
# The interpreter keeps some hundreds more or fewer; a leak is one for each round, or many for
# each session.
BLOCKS = 1_000


@pytest.fixture
def server(make_imap: MakeImap) -> ScriptedImap:
    return make_imap([mail(f"mail {number}").as_bytes() for number in range(20)])


@pytest.fixture
def serving(server: ScriptedImap, tmp_path: Path) -> Iterator[Serving]:
    lease = Lease("default", None, FileLock(tmp_path / "lock", "default"), 300)
    lease.tick()
    serving = Serving(server, lease, sender_of_interest_for_polling=["nobody@else.example"])
    yield serving
    serving.close()
    lease.release()


@pytest.fixture(autouse=True)
def nothing_is_logged() -> Iterator[None]:
    """What is logged is kept until the test has ended."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def cycles_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> int:
    """Their waiting is left out."""
    cycles = round(3600 / news.IDLE_SECONDS)
    monkeypatch.setattr(news, "IDLE_SECONDS", 0.0)
    return cycles


class Footprint:
    """What of this process grows when something is not given back."""

    def __init__(self) -> None:
        re.purge()  # imaplib compiles an expression for each session
        gc.collect()
        self.descriptors = len(os.listdir("/dev/fd"))
        self.threads = threading.active_count()
        self.blocks = sys.getallocatedblocks()


def assert_flat(cycle: Callable[[], object], cycles: int, warm_up: int) -> None:
    for _ in range(warm_up):
        cycle()
    before = Footprint()
    for _ in range(cycles):
        cycle()
    after = Footprint()
    assert (after.descriptors, after.threads) == (before.descriptors, before.threads)
    # What is kept of each cycle would be one block at least.
    assert after.blocks - before.blocks < BLOCKS


def test_an_idle_hour_costs_one_login_and_15_kilobytes(
    server: ScriptedImap, serving: Serving, cycles_in_an_hour: int
) -> None:
    serving.poller.step()
    before = server.sent + server.received
    for _ in range(cycles_in_an_hour):
        serving.poller.step()
    assert len(server.named("IDLE")) == cycles_in_an_hour + 1
    assert server.sent + server.received - before <= 15_000
    assert server.connections == 1


@pytest.mark.usefixtures("cycles_in_an_hour")
def test_idle_rounds_leave_nothing_behind(server: ScriptedImap, serving: Serving) -> None:
    def cycle() -> None:
        assert serving.poller.step() == 0.0
        server.commands.clear()

    assert_flat(cycle, CYCLES, WARM_UP)
    assert server.connections == 1


@pytest.mark.usefixtures("cycles_in_an_hour")
def test_sessions_that_come_and_go_leave_nothing_behind(
    server: ScriptedImap, serving: Serving
) -> None:
    def cycle() -> None:
        serving.poller.step()
        serving.poller.farewell()
        server.forget_ended()
        server.commands.clear()

    assert_flat(cycle, 100, 20)
    assert server.connections == 120


def test_looks_at_an_empty_outbox_leave_nothing_behind() -> None:
    stop = Stop()
    store = store_of(Memory(), {"webhook_config": {"webhook_url": "https://hooks.example/"}})
    dispatcher = Dispatcher(store, stop, 4, lambda _: None)
    assert_flat(lambda: dispatcher.step(timezone.now()), CYCLES, WARM_UP)
    dispatcher.drain(1)
    stop.close()
