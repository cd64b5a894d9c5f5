"""Requests under way that are cut because the process stops."""

from __future__ import annotations

import threading
import time

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client, Result


@pytest.mark.parametrize(
    "answer",
    [HANG, Answer(drip_head=0.02), Answer(drip_body=0.05)],
    ids=["hang", "head drips", "body drips"],
)
def test_a_request_that_is_cut_ends_at_once_and_says_so(
    client: Client, endpoint: Endpoint, answer: Answer
) -> None:
    endpoint.answer(answer)
    timer = threading.Timer(0.5, client.cut)
    timer.start()
    begun = time.monotonic()
    result = client.send(to(endpoint.url, deadline_seconds=20), "msg_1", "{}")
    assert time.monotonic() - begun < 0.9
    assert (result.delivered, result.cut) == (False, True)
    timer.join()


def test_a_request_that_begins_after_the_cut_does_not_wait_for_its_answer(
    client: Client, endpoint: Endpoint
) -> None:
    endpoint.answer(HANG)
    client.cut()
    begun = time.monotonic()
    assert client.send(to(endpoint.url, deadline_seconds=2), "msg_1", "{}").cut
    assert time.monotonic() - begun < 0.5


def test_all_requests_under_way_are_cut(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(HANG)
    results: list[Result] = []
    slow = to(endpoint.url, deadline_seconds=20)
    threads = [
        threading.Thread(target=lambda: results.append(client.send(slow, "msg_1", "{}")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    endpoint.wait_for(4)
    client.cut()
    for thread in threads:
        thread.join(1)
    assert [result.cut for result in results] == [True] * 4
