from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from unittest import mock

import pytest
from django.conf import LazySettings
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.webhooks.raw_peer import RawPeer
from webhooks.client import Client

MakePeer = Callable[..., RawPeer]


@pytest.fixture
def client(settings: LazySettings) -> Client:
    """May reach the servers of this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    return Client()


@pytest.fixture
def make_peer() -> Iterator[MakePeer]:
    with contextlib.ExitStack() as stack:

        def make(*parts: bytes, pause: float = 0.0, hold: bool = False) -> RawPeer:
            peer = RawPeer(parts, pause=pause, hold=hold)
            return stack.enter_context(contextlib.closing(peer))

        yield make


@pytest.fixture
def database_file(
    migrated_database: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """The database as the product has it: a file, which several threads may open. The
    database of other tests is in memory, where a waiting writer fails at once."""
    path = tmp_path / "db.sqlite3"
    shutil.copy(migrated_database, path)
    before = connections["default"]
    declared = connections.settings["default"]
    changes = {"NAME": str(path), "OPTIONS": {**declared["OPTIONS"], "timeout": 5}}
    with django_db_blocker.unblock(), mock.patch.dict(declared, changes):
        del connections["default"]
        yield path
        connections["default"].close()
        connections["default"] = before
