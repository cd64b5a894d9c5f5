"""A relay on a mailbox, for the failure modes of mail servers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tests.failure_modes.world import World
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeImap, MakeRunpoller
from tests.servers.imap_script import ScriptedImap
from tests.servers.proxy import Proxy


class MakeWorld(Protocol):
    """Fields are those of polling_config."""

    def __call__(self, meter: ScriptedImap | Proxy, **fields: object) -> World: ...


@pytest.fixture
def make_world(endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path) -> MakeWorld:
    def make(meter: ScriptedImap | Proxy, **fields: object) -> World:
        return World(meter, endpoint, make_runpoller, tmp_path / "container", **fields)

    return make


@pytest.fixture
def server(make_imap: MakeImap) -> ScriptedImap:
    return make_imap()


@pytest.fixture
def world(make_world: MakeWorld, server: ScriptedImap) -> World:
    """On a scripted server in clear, which behaves until the test tells it otherwise."""
    return make_world(server)
