from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest
from django.conf import LazySettings

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
