from __future__ import annotations

import time

import pytest
import requests

from runtime.deadline import Deadline
from runtime.http import DeadlineAdapter, new_session, read_body, within
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer, redirect
from tests.servers.ports import HOST, free_port


@pytest.fixture
def session() -> requests.Session:
    return new_session(DeadlineAdapter())


def get(session: requests.Session, url: str, seconds: float = 2.0) -> bytes:
    with (
        Deadline(seconds) as deadline,
        within(deadline),
        session.get(url, timeout=seconds, stream=True) as response,
    ):
        return read_body(response, 1000)


def test_a_connection_outside_a_deadline_is_a_mistake(
    session: requests.Session, endpoint: Endpoint
) -> None:
    get(session, endpoint.url)
    endpoint.drop_connections()
    with pytest.raises(RuntimeError, match="outside a deadline"):
        session.get(endpoint.url, timeout=1)


def test_an_answer_is_read_to_the_limit(session: requests.Session, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(body=b"x" * 5000))
    assert get(session, endpoint.url) == b"x" * 1000


def test_the_deadline_ends_a_request_that_drips(
    session: requests.Session, endpoint: Endpoint
) -> None:
    endpoint.answer(Answer(drip_head=0.05))
    begun = time.monotonic()
    with pytest.raises((requests.RequestException, OSError)):
        get(session, endpoint.url, 0.3)
    assert time.monotonic() - begun < 0.6


def test_the_next_request_of_the_session_has_a_deadline_of_its_own(
    session: requests.Session, endpoint: Endpoint
) -> None:
    get(session, endpoint.url)
    endpoint.answer(HANG)
    with pytest.raises((requests.RequestException, OSError)):
        get(session, endpoint.url, 0.3)
    endpoint.answer(Answer(delay=0.4, body=b"late"))
    assert get(session, endpoint.url) == b"late"


def test_redirects_are_not_followed(session: requests.Session, endpoint: Endpoint) -> None:
    endpoint.answer(redirect(endpoint.url))
    get(session, endpoint.url)
    assert len(endpoint.requests) == 1


def test_nobody_listening_is_an_error_at_once(session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError, match="refused"):
        get(session, f"http://{HOST}:{free_port()}/")
