"""A relay on a mailbox, for the failure modes of mail servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from django.conf import LazySettings

from polling.lease import Lease
from polling.lock import FileLock
from tests.failure_modes.world import World
from tests.polling.serving import Serving
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeImap, MakeProxy
from tests.servers.imap_script import ScriptedImap
from tests.servers.mailbox import Mailbox
from tests.servers.proxy import Proxy


class MakeWorld(Protocol):
    """disk is the name of the container's folder; fields are those of polling_config."""

    def __call__(
        self, meter: ScriptedImap | Proxy, disk: str = "container", /, **fields: object
    ) -> World: ...


@pytest.fixture
def make_world(endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path) -> MakeWorld:
    def make(meter: ScriptedImap | Proxy, disk: str = "container", /, **fields: object) -> World:
        return World(meter, endpoint, make_runpoller, tmp_path / disk, **fields)

    return make


@pytest.fixture
def server(make_imap: MakeImap) -> ScriptedImap:
    return make_imap()


@pytest.fixture
def world(make_world: MakeWorld, server: ScriptedImap) -> World:
    """On a scripted server in clear, which behaves until the test tells it otherwise."""
    return make_world(server)


@pytest.fixture
def proxy(mailbox: Mailbox, make_proxy: MakeProxy) -> Proxy:
    return make_proxy(mailbox.port)


@pytest.fixture
def dovecot_world(mailbox: Mailbox, proxy: Proxy, make_world: MakeWorld) -> World:
    """On a mailbox of Dovecot, through a proxy that counts."""
    return make_world(proxy, **mailbox.document(proxy.port))


@pytest.fixture
def serving(
    server: ScriptedImap, tmp_path: Path, settings: LazySettings, db: None
) -> Iterator[Serving]:
    """A poller whose rounds the test goes through one by one; nothing is sent."""
    settings.IMAP_TIMEOUT_SECONDS = 1
    lease = Lease("default", None, FileLock(tmp_path / "lock", "default"), 300)
    lease.tick()
    serving = Serving(server, lease, interval_seconds=1)
    yield serving
    serving.close()
    lease.release()
