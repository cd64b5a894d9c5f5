"""A Worker that says nothing is left alone; one that refuses is not."""

from __future__ import annotations

import time

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, Answer
from tests.servers.fake_worker import store
from tests.webhooks.one_file import fetch
from webhooks import worker as worker_module
from webhooks.worker import Worker


def test_a_worker_that_says_nothing_is_left_alone_but_for_a_probe(
    r2: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "SILENCES", 3)
    monkeypatch.setattr(worker_module, "PROBE_SECONDS", 0.5)
    client = Worker()
    r2.answer(CLOSE)
    for _ in range(6):
        fetch(client=client)
    assert len(r2.requests) == 3
    assert fetch(client=client).error == "the Worker has not answered for a while"
    time.sleep(0.6)
    assert [bool(fetch(client=client).r2_url) for _ in range(3)] == [False] * 3
    assert len(r2.requests) == 4
    r2.answer(store)
    time.sleep(0.6)
    assert [bool(fetch(client=client).r2_url) for _ in range(3)] == [True] * 3


def test_a_worker_that_refuses_goes_on_being_asked(
    r2: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "SILENCES", 3)
    client = Worker()
    r2.answer(lambda _: CLOSE if len(r2.requests) % 3 else Answer(status=500))
    for _ in range(9):
        fetch(client=client)
    assert len(r2.requests) == 9
