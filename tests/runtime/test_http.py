from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from runtime.deadline import Deadline
from runtime.http import DeadlineAdapter, read_body, within
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer, redirect
from tests.servers.ports import HOST, free_port


@pytest.fixture
def adapter() -> DeadlineAdapter:
    return DeadlineAdapter()


def get(adapter: DeadlineAdapter, url: str, seconds: float = 2.0) -> bytes:
    with (
        Deadline(seconds) as deadline,
        within(deadline),
        adapter.request("GET", url, headers={}, timeout=seconds) as response,
    ):
        return read_body(response, 1000)


def test_a_connection_outside_a_deadline_is_a_mistake(
    adapter: DeadlineAdapter, endpoint: Endpoint
) -> None:
    get(adapter, endpoint.url)
    endpoint.drop_connections()
    with pytest.raises(RuntimeError, match="outside a deadline"):
        adapter.request("GET", endpoint.url, headers={}, timeout=1)


def test_an_answer_is_read_to_the_limit(adapter: DeadlineAdapter, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(body=b"x" * 5000))
    assert get(adapter, endpoint.url) == b"x" * 1000


def test_the_deadline_ends_a_request_that_drips(
    adapter: DeadlineAdapter, endpoint: Endpoint
) -> None:
    endpoint.answer(Answer(drip_head=0.05))
    begun = time.monotonic()
    with pytest.raises((requests.RequestException, OSError)):
        get(adapter, endpoint.url, 0.3)
    assert time.monotonic() - begun < 0.6


def test_the_next_request_has_a_deadline_of_its_own(
    adapter: DeadlineAdapter, endpoint: Endpoint
) -> None:
    get(adapter, endpoint.url)
    endpoint.answer(HANG)
    with pytest.raises((requests.RequestException, OSError)):
        get(adapter, endpoint.url, 0.3)
    endpoint.answer(Answer(delay=0.4, body=b"late"))
    assert get(adapter, endpoint.url) == b"late"


def test_a_deadline_leaves_alone_what_somebody_else_sends_over_the_same_connection(
    adapter: DeadlineAdapter, endpoint: Endpoint
) -> None:
    with Deadline(2) as deadline, within(deadline):
        with adapter.request("GET", endpoint.url, headers={}, timeout=2) as response:
            read_body(response, 1000)
        endpoint.answer(Answer(delay=0.4, body=b"whole"))
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(get, adapter, endpoint.url)
            endpoint.wait_for(2)
            deadline.expire()
            assert other.result() == b"whole"
    assert endpoint.connections == 1


def test_redirects_are_not_followed(adapter: DeadlineAdapter, endpoint: Endpoint) -> None:
    endpoint.answer(redirect(endpoint.url))
    get(adapter, endpoint.url)
    assert len(endpoint.requests) == 1


def test_nobody_listening_is_an_error_at_once(adapter: DeadlineAdapter) -> None:
    with pytest.raises(requests.ConnectionError, match="refused"):
        get(adapter, f"http://{HOST}:{free_port()}/")
