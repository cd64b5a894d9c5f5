"""What the tests that kill have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.chaos.killed import Relay
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox


@pytest.fixture
def relay(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Relay]:
    with Redis.from_url(redis_url) as redis:
        yield Relay(make_runpoller, tmp_path / "container", mailbox, endpoint, redis, redis_url)
