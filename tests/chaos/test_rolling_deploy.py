"""Deployments one after the other: the new one starts, and then the old one is asked to stop."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.killed import START_SECONDS
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

DEPLOYMENTS = 2
OVERLAP_SECONDS = 4.0
PACE_SECONDS = 0.25
# To take a lock that was given back, and to log in; on a busy machine.
LONGEST_WAIT_SECONDS = 8.0


class Trickle:
    """A mail now and then, and how long the longest of them has waited."""

    def __init__(self, mailbox: Mailbox, endpoint: Endpoint) -> None:
        self._mailbox = mailbox
        self._endpoint = endpoint
        self._sent: dict[str, float] = {}

    def run(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            subject = f"mail {len(self._sent)}"
            self._mailbox.drop([mail(subject)])
            self._sent[subject] = time.monotonic()
            time.sleep(PACE_SECONDS)

    def arrived(self) -> bool:
        return len(self._endpoint.requests) >= len(self._sent)

    def longest(self) -> float:
        heard = {request.json["subject"]: request.time for request in self._endpoint.requests}
        return max(heard[subject] - at for subject, at in self._sent.items())


@pytest.mark.parametrize(
    "journal", [pytest.param("sqlite", marks=pytest.mark.thorough), "postgres"]
)
def test_no_mail_waits_or_is_doubled_while_versions_change(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    journal: str,
) -> None:
    shared = {"REDIS_URL": redis_url}
    if journal == "postgres":
        shared["DATABASE_URL"] = request.getfixturevalue("postgres_url")

    def deploy(number: int) -> ManageCommand:
        folder = tmp_path / f"release-{number}"
        return make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=folder, **shared)

    endpoint.answer(Answer(delay=0.2))
    trickle = Trickle(mailbox, endpoint)
    releases = [deploy(0)]
    releases[0].wait_line("IMAP connected", START_SECONDS)
    for number in range(1, DEPLOYMENTS + 1):
        releases.append(deploy(number))
        releases[-1].wait_line("Waiting for the lock", START_SECONDS)
        trickle.run(OVERLAP_SECONDS / 2)
        assert releases[-2].stop() < 20
        trickle.run(OVERLAP_SECONDS / 2)
    eventually(trickle.arrived, 30)
    eventually(lambda: mailbox.uids("UNKEYWORD $RenderSignal") == [], 20)
    releases[-1].stop()
    with Redis.from_url(redis_url) as redis:
        assert_invariants(
            Aftermath(
                mailboxes=[mailbox],
                endpoint=endpoint,
                journals=[shared["DATABASE_URL"]]
                if journal == "postgres"
                else [release.folder for release in releases],
                commands=releases,
                redis=redis,
            )
        )
    assert trickle.longest() < LONGEST_WAIT_SECONDS
