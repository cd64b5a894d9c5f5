from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from demo.receiver import Received, Receiver

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def inbox() -> list[Received]:
    return []


@pytest.fixture
def receiver(inbox: list[Received]) -> Iterator[Receiver]:
    receiver = Receiver(inbox.append)
    receiver.start()
    yield receiver
    receiver.stop()


def post(receiver: Receiver, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    host, _, path = receiver.url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("POST", f"/{path}", body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def test_a_webhook_is_answered_with_success_and_reported(
    receiver: Receiver, inbox: list[Received]
) -> None:
    before = time.monotonic()
    headers = {**JSON, "webhook-id": "msg_1", "webhook-signature": "v1,abc"}

    answer = post(receiver, '{"subject": "é"}'.encode(), headers)

    assert answer == (200, {"success": True})
    (received,) = inbox
    assert received.payload == {"subject": "é"}
    assert received.webhook_id == "msg_1"
    assert received.signed
    assert before <= received.at <= time.monotonic()


def test_missing_headers_are_noticed(receiver: Receiver, inbox: list[Received]) -> None:
    post(receiver, b"{}", JSON)

    assert inbox[0].webhook_id is None
    assert not inbox[0].signed


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"[1]", JSON, 400),
        (b"subject=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {**JSON, "Content-Length": "many"}, 411),
    ],
)
def test_what_is_no_json_object_is_refused(
    receiver: Receiver, inbox: list[Received], body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = post(receiver, body, headers)

    assert answer[0] == status
    assert answer[1]["success"] is False
    assert inbox == []


def test_one_that_never_started_can_be_stopped() -> None:
    Receiver(lambda received: None).stop()
