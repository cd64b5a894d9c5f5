from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests.servers.endpoint import Endpoint
from tests.servers.fake_worker import PUBLIC_BASE_URL, TOKEN
from tests.webhooks.raw_peer import RawPeer
from tests.webhooks.relay import Relay
from webhooks import shared_files
from webhooks.client import Client

MakePeer = Callable[..., RawPeer]


@pytest.fixture
def client(settings: LazySettings) -> Client:
    """May reach the servers of this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    return Client()


@pytest.fixture
def r2(settings: LazySettings, fake_worker: Endpoint) -> Endpoint:
    """R2 switched on, and a stand-in for its Worker."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    settings.R2_FETCH_ENABLED = True
    settings.R2_FETCH_ENDPOINT = fake_worker.url
    settings.R2_FETCH_TOKEN = TOKEN
    settings.R2_PUBLIC_BASE_URL = PUBLIC_BASE_URL
    settings.R2_BUCKET_NAME = "deliveries"
    return fake_worker


@pytest.fixture
def make_peer() -> Iterator[MakePeer]:
    with contextlib.ExitStack() as stack:

        def make(*parts: bytes, **options: Any) -> RawPeer:
            peer = RawPeer(parts, **options)
            return stack.enter_context(contextlib.closing(peer))

        yield make


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of transfers in tenths of seconds."""
    monkeypatch.setattr(shared_files, "FOLDER_SECONDS", 3.0)
    monkeypatch.setattr(shared_files, "FILE_SECONDS", 0.4)


@pytest.fixture
def relay(client: Client, endpoint: Endpoint, tmp_path: Path) -> Iterator[Relay]:
    relay = Relay(tmp_path, client, endpoint.url)
    yield relay
    relay.close()
