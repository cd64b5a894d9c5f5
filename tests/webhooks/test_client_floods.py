"""Answers without an end, or that grow when they are unpacked."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.conftest import MakePeer
from tests.webhooks.impatient import HEAD, is_retryable, send
from webhooks.client import ANSWER_BYTES, Client, Result


def test_an_answer_of_10_mb_is_read_to_its_cap(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=500, body=b"x" * 10_000_000))
    result = send(client, endpoint.url, 3)
    assert result.answer == "x" * ANSWER_BYTES


def peak_memory(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 500 No\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n",
    ],
    ids=["success", "failure", "redirect"],
)
def test_a_bomb_is_not_unpacked(client: Client, make_peer: MakePeer, head: bytes) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    fields = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    peer = make_peer(head + fields + bomb)
    assert peak_memory(lambda: send(client, peer.url, 5)) < 5_000_000


def test_a_head_without_measure_is_not_read(client: Client, make_peer: MakePeer) -> None:
    peer = make_peer(HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 60_000) for n in range(90)))
    results: list[Result] = []
    assert peak_memory(lambda: results.append(send(client, peer.url, 5))) < 1_000_000
    assert is_retryable(results[0])
    assert "too long" in results[0].error


def test_continue_without_end_is_cut(client: Client, make_peer: MakePeer) -> None:
    peer = make_peer(*[b"HTTP/1.1 100 Continue\r\n\r\n" * 1000] * 50)
    assert is_retryable(send(client, peer.url))
