"""Endpoints that are slow, broken, hostile or gone."""

from __future__ import annotations

import json
import time

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, RESET, Answer
from tests.servers.ports import HOST, free_port
from tests.webhooks.conftest import MakePeer
from tests.webhooks.examples import endpoint as to
from tests.webhooks.impatient import HEAD, LIMIT, is_retryable, send
from webhooks.client import Client


@pytest.mark.parametrize(
    "answer",
    [
        HANG,
        Answer(drip_head=0.02),
        Answer(drip_head=0.05),
        Answer(drip_body=0.1),
        Answer(body=b"x" * 20_000, drip_body=0.01),
        Answer(delay=5),
    ],
    ids=["hang", "head drips", "head drips slowly", "body drips", "long body drips", "late"],
)
def test_an_endpoint_that_takes_too_long_is_cut_at_the_deadline(
    client: Client, endpoint: Endpoint, answer: Answer
) -> None:
    endpoint.answer(answer)
    result = send(client, endpoint.url)
    assert is_retryable(result)
    assert result.error == f"no complete answer within {LIMIT} s"


def test_a_body_without_length_that_drips_is_cut_at_the_deadline(
    client: Client, make_peer: MakePeer
) -> None:
    peer = make_peer(HEAD + b"Connection: close\r\n\r\n", *[b"."] * 20, pause=0.1)
    result = send(client, peer.url)
    assert is_retryable(result)
    assert result.error == f"no complete answer within {LIMIT} s"


def test_a_body_in_chunks_that_drips_is_cut_at_the_deadline(
    client: Client, make_peer: MakePeer
) -> None:
    peer = make_peer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n.\r\n"] * 20, pause=0.1)
    assert is_retryable(send(client, peer.url))


def test_a_server_that_says_nothing_to_a_greeting_of_tls_is_cut(
    client: Client, make_peer: MakePeer
) -> None:
    peer = make_peer(hold=True)
    result = send(client, peer.url.replace("http:", "https:"))
    assert result.error == f"no complete answer within {LIMIT} s"


@pytest.mark.parametrize("answer", [CLOSE, RESET], ids=["close", "reset"])
def test_an_endpoint_that_ends_the_connection_is_tried_again(
    client: Client, endpoint: Endpoint, answer: Answer
) -> None:
    endpoint.answer(answer)
    result = send(client, endpoint.url)
    assert is_retryable(result)
    assert result.error


def test_an_endpoint_that_resets_each_connection_is_tried_again(
    client: Client, endpoint: Endpoint
) -> None:
    endpoint.refuse()
    assert is_retryable(send(client, endpoint.url))


def test_an_endpoint_that_does_not_listen_is_tried_again(client: Client) -> None:
    result = send(client, f"http://{HOST}:{free_port()}/hook")
    assert is_retryable(result)
    assert "refused" in result.error


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 10\r\n\r\n123",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n123",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n123\r\n0\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: x\r\n" * 200 + b"\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        HEAD,
        HEAD + b"Content-Le",
    ],
    ids=["short body", "short chunk", "no chunk", "words",
         "another protocol", "long header", "many headers", "nul",
         "status line alone", "no end of the head", "half a header"],
)  # fmt: skip
def test_half_an_answer_is_none(client: Client, make_peer: MakePeer, answer: bytes) -> None:
    result = send(client, make_peer(answer).url)
    assert is_retryable(result)
    assert result.error
    assert "\0" not in result.error


@pytest.mark.parametrize(
    "host", ["a" * 64 + ".example", "a..example", "a b.example", "exa\x7fmple"]
)
def test_a_host_that_cannot_be_one_is_an_error_like_others(client: Client, host: str) -> None:
    result = send(client, f"https://{host}/s3cret")
    assert not result.delivered
    assert "s3cret" not in result.error


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nthanks",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    ],
    ids=["100 before it", "HTTP/1.0 with a body", "HTTP/1.0 without"],
)
def test_what_other_servers_say_is_understood(
    client: Client, make_peer: MakePeer, answer: bytes
) -> None:
    assert send(client, make_peer(answer).url).delivered


def test_an_answer_before_the_body_was_read_is_heard_or_cut(
    client: Client, make_peer: MakePeer
) -> None:
    """More than the buffers between the two can hold."""
    answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
    peer = make_peer(answer, hold=True, early=True)
    begun = time.monotonic()
    payload = json.dumps({"email_content": "x" * 30_000_000})
    result = client.send(to(peer.url, deadline_seconds=LIMIT), "msg_1", payload)
    assert time.monotonic() - begun < LIMIT + 3
    assert not result.delivered


def test_an_answer_with_nul_can_be_written_down(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=500, body=b"a\0b\xff"))
    assert send(client, endpoint.url).answer == "ab\ufffd"


@pytest.mark.parametrize(
    "url", ["http://{host}:{closed}/s3cret?k=s3cret", "http://{host}:{port}/s3cret"]
)
@pytest.mark.parametrize("answer", [HANG, CLOSE, RESET, Answer(status=500), Answer(drip_body=1)])
def test_no_error_tells_the_path_or_the_secret(
    client: Client, endpoint: Endpoint, url: str, answer: Answer
) -> None:
    endpoint.answer(answer)
    url = url.format(host=HOST, closed=free_port(), port=endpoint.port)
    error = send(client, url, 0.3).error
    assert error
    assert not any(word in error for word in ("s3cret", "whsec", "hook"))
