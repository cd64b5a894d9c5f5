"""kill -9 at any moment: nothing lost, and a repeat carries the id of the first."""

from __future__ import annotations

import random
import shutil
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.chaos.killed import START_SECONDS
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeRunpoller
from tests.servers.mailbox import Mailbox

IN_FLIGHT = 8


def ids_by_subject(endpoint: Endpoint) -> dict[str, list[str]]:
    found = defaultdict(list)
    for request in endpoint.requests:
        found[request.json["subject"]].append(request.headers["webhook-id"])
    return found


@pytest.mark.parametrize("disk", ["kept", "lost"])
def test_mails_survive_kill_after_kill(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
    disk: str,
) -> None:
    mails, rng, kills = 500, random.Random(7), 0
    endpoint.answer(Answer(delay=0.01))
    mailbox.drop([mail(f"mail {number}") for number in range(mails)])
    folder = tmp_path / "container"
    while len(ids_by_subject(endpoint)) < mails:
        runpoller = make_runpoller(
            mailbox=mailbox, endpoint=endpoint, folder=folder, REDIS_URL=redis_url
        )
        seen, goal = len(endpoint.requests), rng.randint(20, 120)
        ends = time.monotonic() + 30
        while len(endpoint.requests) < seen + goal and time.monotonic() < ends:
            if len(ids_by_subject(endpoint)) == mails:
                break
            time.sleep(0.005)
        assert time.monotonic() < ends, runpoller.output
        time.sleep(rng.uniform(0, 0.05))
        runpoller.kill()
        kills += 1
        if disk == "lost":
            shutil.rmtree(folder)
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=folder, REDIS_URL=redis_url)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == mails, 30)
    by_subject = ids_by_subject(endpoint)
    assert kills >= 3
    assert all(len(set(ids)) == 1 for ids in by_subject.values())
    repeats = len(endpoint.requests) - mails
    # Of what was settled and had no mark in the mailbox yet Redis knows when the disk is lost.
    assert repeats <= kills * IN_FLIGHT


def test_what_was_under_way_at_a_kill_is_back_within_seconds(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(instead="hang"))
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(1)
    runpoller.kill()
    endpoint.answer(Answer())
    make_runpoller(mailbox=mailbox, endpoint=endpoint)
    first, second = endpoint.wait_for(2, timeout=18)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_frozen_holder_that_wakes_up_does_not_go_on(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    variables = {"REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": "3"}
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "a", **variables)
    first.wait_line("IMAP connected", START_SECONDS)
    second = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "b", **variables)
    second.wait_line("Waiting for the lock")
    first.freeze()
    second.wait_line("Singleton lock acquired", timeout=12)
    second.wait_line("IMAP connected", START_SECONDS)
    mailbox.append(mail())
    endpoint.wait_for(1)
    first.thaw()
    first.wait_line("Singleton lock lost")
    mailbox.append(mail("second"))
    endpoint.wait_for(2)
    time.sleep(2)
    assert len(endpoint.requests) == 2
    assert "mailbox=default state=relayed" not in first.output


def test_a_frozen_holder_that_wakes_up_after_the_other_has_gone_sends_nothing_of_its_queue(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    """It has the lock again at once, in the same moment in which it notices the loss."""
    mails, variables = 60, {"REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": "3"}
    mailbox.drop([mail(f"mail {number}") for number in range(mails)])
    endpoint.answer(Answer(delay=1))
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "a", **variables)
    endpoint.wait_for(IN_FLIGHT)
    first.freeze()
    endpoint.answer(Answer())
    second = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "b", **variables)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == mails, 30)
    second.stop()
    sent, thawed = len(endpoint.requests), time.monotonic()
    first.thaw()
    first.wait_line("IMAP connected", after=thawed)
    first.wait_line("settled by another poller")
    time.sleep(3)
    assert len(endpoint.requests) - sent <= IN_FLIGHT
    assert len(ids_by_subject(endpoint)) == mails
