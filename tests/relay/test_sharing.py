"""Processes that share their mailboxes out: evenly, and anew when one comes or goes."""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from redis import Redis

from polling.lock import redis_key
from polling.lock_value import public_fields
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.dovecot import Dovecot
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

PREFIX = "r:ss:config:"
NAMES = ("default", "m1", "m2", "m3", "m4", "m5")


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def mailboxes(mailbox: Mailbox, dovecot: Dovecot, client: Redis) -> list[Mailbox]:
    """One for each name, described in Redis."""
    token = secrets.token_hex(6)
    more = [Mailbox(dovecot, f"{name}-{token}@mail.invalid") for name in NAMES[1:]]
    prompt = {"retry_count": 10, "retry_delay_sec": 2}  # not in five minutes
    client.set(f"{PREFIX}processing_prefs", json.dumps(prompt))
    default = mailbox.document(mailboxes=list(NAMES[1:]))
    client.set(f"{PREFIX}polling_config", json.dumps(default))
    for name, each in zip(NAMES[1:], more, strict=True):
        client.set(f"{PREFIX}polling_config:{name}", json.dumps(each.document()))
    return [mailbox, *more]


@pytest.fixture
def start(
    make_runpoller: MakeRunpoller,
    mailboxes: list[Mailbox],
    endpoint: Endpoint,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[list[ManageCommand]]:
    """Processes that have been started; each has a disk of its own."""
    yield [
        make_runpoller(endpoint=endpoint, folder=tmp_path / str(number), REDIS_URL=redis_url)
        for number in range(2)
    ]


def spread(client: Redis) -> list[int]:
    """How many mailboxes each process holds, in order; 0 stands for those that nobody does."""
    values = [client.get(redis_key(name)) for name in NAMES]
    texts = [value.decode() if isinstance(value, bytes) else "" for value in values]
    held = Counter(public_fields(text).get("pid", "") for text in texts)
    nobody = held.pop("", 0)
    return [0] * nobody + sorted(held.values())


def served(client: Redis, numbers: list[int]) -> None:
    eventually(lambda: spread(client) == numbers, 40)


def relays(mailboxes: Sequence[Mailbox], endpoint: Endpoint, subject: str) -> None:
    for each in mailboxes:
        each.append(mail(f"{subject} to {each.user}"))
    eventually(lambda: count(endpoint, subject) == len(mailboxes), 40)


def marked(mailboxes: Sequence[Mailbox], number: int) -> None:
    """What is sent and not marked yet may be sent again after a kill."""
    eventually(
        lambda: all(len(each.uids("KEYWORD $RenderSignal")) == number for each in mailboxes), 40
    )


def count(endpoint: Endpoint, subject: str) -> int:
    return sum(request.json["subject"].startswith(subject) for request in endpoint.requests)


def test_mailboxes_are_shared_out_evenly_whoever_comes_and_goes(
    start: list[ManageCommand],
    mailboxes: list[Mailbox],
    client: Redis,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    served(client, [3, 3])
    relays(mailboxes, endpoint, "two")
    third = make_runpoller(endpoint=endpoint, folder=tmp_path / "third", REDIS_URL=redis_url)
    served(client, [2, 2, 2])
    relays(mailboxes, endpoint, "three")
    start[0].stop()
    served(client, [3, 3])
    relays(mailboxes, endpoint, "one left")
    marked(mailboxes, 3)
    third.kill()
    served(client, [6])
    relays(mailboxes, endpoint, "one died")
    assert len(endpoint.requests) == 4 * len(mailboxes)


def test_mails_that_wait_move_with_their_mailbox(
    start: list[ManageCommand],
    mailboxes: list[Mailbox],
    client: Redis,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    """Each process has a database of its own: what one could not deliver is sent by whoever
    has the mailbox next."""
    served(client, [3, 3])
    endpoint.refuse()
    for each in mailboxes:
        each.append(mail(f"kept for {each.user}"))
    eventually(lambda: sum("Not delivered" in run.output for run in start) == 2, 40)
    make_runpoller(endpoint=endpoint, folder=tmp_path / "third", REDIS_URL=redis_url)
    served(client, [2, 2, 2])
    endpoint.refuse(False)
    eventually(lambda: count(endpoint, "kept for") >= len(mailboxes), 60)
    time.sleep(2)
    assert len({request.json["subject"] for request in endpoint.requests}) == len(mailboxes)
    assert len(endpoint.requests) == len(mailboxes)
